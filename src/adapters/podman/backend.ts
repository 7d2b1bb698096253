import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../../base/fault.ts'
import {
  ENFORCES_NOTHING,
  type Backend,
  type BackendReport,
  type PodDoors,
} from '../../ports/pods.ts'
import { limiter } from '../limiter.ts'
import { openNetnsDoor } from '../netns-door.ts'
import { procStats } from '../pod-stats.ts'
import { PodmanEngine } from './engine.ts'
import { podmanExec } from './exec.ts'
import { podmanFreezer } from './freezer.ts'
import { podmanImages } from './images.ts'
import { podmanLifecycle } from './lifecycle.ts'
import { podmanLogs } from './logs.ts'
import { namesOf } from './names.ts'
import { Pods } from './pods.ts'
import { firstProcesses } from './first-processes.ts'
import { enforcedLimits } from './spec.ts'
import { sweepOrphans } from './sweep.ts'
import { podmanTerminals } from './terminals.ts'

interface PodmanOptions {
  /** The deck home. Containers are labelled with it, so that decks on one engine stay separate. */
  home: string
  /** The deck's run folder (0700, short path), for the socket of a Podman service of our own. */
  run: string
  /** The shipped `templates/image`, which contains the seccomp profile. */
  imageFiles: string
  env: NodeJS.ProcessEnv
  log: (text: string) => void
}

/**
 * Agents in Podman containers, rootless unless root runs the deck. Starts nothing before the first
 * call.
 */
export function podmanBackend(options: PodmanOptions): Backend & Required<Pick<Backend, 'images'>> {
  const engine = new PodmanEngine({ run: options.run, env: options.env, log: options.log })
  const pods = new Pods(engine, namesOf(options.home))
  const seccomp = join(options.imageFiles, 'seccomp.json')
  // Podman's rootless service crashes when containers with keep-id are created concurrently.
  const creating = limiter(1)
  const sweep = (): Promise<void> => creating(() => sweepOrphans(pods, options.log))
  engine.onRestart = () => {
    sweep().catch((thrown: unknown) =>
      options.log(`cleaning up after a restart of Podman failed: ${asFault(thrown).message}`),
    )
  }
  return {
    kind: 'podman',
    lifecycle: podmanLifecycle(pods, { seccomp, creating, log: options.log }),
    logs: podmanLogs(pods),
    exec: podmanExec(pods),
    terminals: podmanTerminals(pods),
    doors: podmanDoors(pods),
    freezer: podmanFreezer(pods),
    stats: procStats(firstProcesses(pods)),
    images: podmanImages(engine, options.env),
    probe: () => probe(engine, seccomp),
    sweep,
    async [Symbol.asyncDispose]() {
      engine.close()
    },
  }
}

function podmanDoors(pods: Pods): PodDoors {
  return {
    async open(agent, { port }, accept) {
      const found = await pods.running(agent)
      if (!(await pods.engine.facts()).local) {
        throw new Fault(
          'backend.failed',
          'Podman runs on another machine, so no door can be placed in the pod',
          {
            hint: 'Run clawdeck on the same machine as Podman (on macOS: inside the Podman machine).',
          },
        )
      }
      return openNetnsDoor({ pid: found.State.Pid, port }, accept)
    },
  }
}

async function probe(engine: PodmanEngine, seccomp: string): Promise<BackendReport> {
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
      title: 'podman not reachable',
      version: '',
      rootless: false,
      isolation: 'container',
      enforces: ENFORCES_NOTHING,
      problems: [
        { what: fault.message, fix: fault.hint ?? 'Run `podman info` in a shell for details.' },
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
            what: 'Podman was built without seccomp, so pods can create user namespaces',
            fix: "Install your distribution's Podman and runc.",
          },
        ]),
    ...(local
      ? []
      : [
          {
            what: 'Podman runs on another machine: no guard door, no usage figures, slower logs',
            fix: 'Run clawdeck on the same machine as Podman.',
          },
        ]),
  ]
}
