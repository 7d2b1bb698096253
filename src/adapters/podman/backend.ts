import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../../base/fault.ts'
import type { Backend, BackendReport, PodDoors } from '../../ports/pods.ts'
import { gate } from '../limit.ts'
import { openNetnsDoor } from '../netns-door.ts'
import { procStats } from '../pod-stats.ts'
import { Engine } from './engine.ts'
import { podmanExec } from './exec.ts'
import { podmanImages } from './images.ts'
import { podmanLifecycle } from './lifecycle.ts'
import { podmanLogs } from './logs.ts'
import { namesOf } from './names.ts'
import { Pods } from './pods.ts'
import { firstProcesses } from './first-processes.ts'
import { enforcedLimits } from './spec.ts'
import { sweepOrphans } from './sweep.ts'
import { podmanTerminals } from './terminals.ts'

export interface PodmanOptions {
  /** The deck home: containers are labelled with it, so that decks on one engine do not see each other's. */
  home: string
  /** The deck's run folder, 0700 and short: a Podman service of our own listens there. */
  run: string
  /** The shipped `templates/image`: the seccomp profile lies in it. */
  imageFiles: string
  env: NodeJS.ProcessEnv
  log: (text: string) => void
}

/** Agents in Podman containers, rootless where the deck is not run by root. Nothing is started before the first question. */
export function podmanBackend(options: PodmanOptions): Backend & Required<Pick<Backend, 'images'>> {
  const engine = new Engine({ run: options.run, env: options.env, log: options.log })
  const pods = new Pods(engine, namesOf(options.home))
  const seccomp = join(options.imageFiles, 'seccomp.json')
  // Podman's rootless service crashes when containers with keep-id are created concurrently: one at a time.
  const creating = gate(1)
  const sweep = (): Promise<void> => creating(() => sweepOrphans(pods, options.log))
  engine.onRestart = () => {
    sweep().catch((thrown: unknown) =>
      options.log(`sweeping after a restart of Podman: ${asFault(thrown).message}`),
    )
  }
  return {
    kind: 'podman',
    lifecycle: podmanLifecycle(pods, { seccomp, creating, log: options.log }),
    logs: podmanLogs(pods),
    exec: podmanExec(pods),
    terminals: podmanTerminals(pods),
    doors: podmanDoors(pods),
    stats: procStats(firstProcesses(pods)),
    images: podmanImages(engine, options.env),
    probe: () => probe(engine, seccomp),
    sweep,
    close: () => Promise.resolve(engine.close()),
  }
}

function podmanDoors(pods: Pods): PodDoors {
  return {
    async open(agent, _socketPath, accept) {
      const found = await pods.running(agent)
      if (!(await pods.engine.facts()).local) {
        throw new Fault(
          'backend.failed',
          'This Podman runs on another machine, where no guard door can be placed in a pod',
          {
            hint: 'Run clawdeck on the machine of the engine (on macOS: inside the Podman machine).',
          },
        )
      }
      return openNetnsDoor(found.State.Pid, accept)
    },
  }
}

async function probe(engine: Engine, seccomp: string): Promise<BackendReport> {
  const nothing = {
    memory: false,
    cpu: false,
    pids: false,
    seccomp: false,
    network: false,
    readOnlyRoot: false,
  }
  try {
    const facts = await engine.facts()
    const { rootless, seccompEnabled } = facts.info.host.security
    const limits = enforcedLimits(facts)
    const version = facts.info.version.Version
    return {
      kind: 'podman',
      ready: true,
      title: `podman ${version} ${rootless ? 'rootless' : 'rootful'}`,
      version,
      rootless,
      isolation: 'container',
      enforces: {
        ...limits,
        seccomp: seccompEnabled && existsSync(seccomp),
        network: true,
        readOnlyRoot: true,
      },
      problems: problemsOf(limits, seccompEnabled, facts.local),
    }
  } catch (thrown) {
    const fault = asFault(thrown)
    return {
      kind: 'podman',
      ready: false,
      title: 'podman, not reachable',
      version: '',
      rootless: false,
      isolation: 'container',
      enforces: nothing,
      problems: [
        { what: fault.message, fix: fault.hint ?? 'Run `podman info` in a shell to see more.' },
      ],
    }
  }
}

function problemsOf(
  limits: { memory: boolean; cpu: boolean; pids: boolean },
  seccomp: boolean,
  local: boolean,
): BackendReport['problems'] {
  const missing = Object.entries(limits)
    .filter(([, enforced]) => !enforced)
    .map(([name]) => name)
  return [
    ...(missing.length === 0
      ? []
      : [
          {
            what: `Podman cannot enforce ${missing.join(', ')} limits here`,
            fix: 'Boot with cgroup v2 and delegate its controllers to your account (on systemd: Delegate=yes), or use rootful Podman.',
          },
        ]),
    ...(seccomp
      ? []
      : [
          {
            what: 'Podman was built without seccomp: user namespaces inside pods are not forbidden',
            fix: "Install your distribution's Podman and runc.",
          },
        ]),
    ...(local
      ? []
      : [
          {
            what: 'The engine runs on another machine: no guard door, no usage, slower logs',
            fix: 'Run clawdeck where the engine runs.',
          },
        ]),
  ]
}
