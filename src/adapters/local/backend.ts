import type { Backend, BackendReport } from '../../ports/pods.ts'
import { usageStats } from '../pod-stats.ts'
import { localDoors } from './doors.ts'
import { localExec } from './exec.ts'
import { localFreezer } from './freezer.ts'
import { localLifecycle } from './lifecycle.ts'
import { localLogs } from './logs.ts'
import { localProcesses, runningRecords } from './members.ts'
import { LocalPods, type LocalOptions } from './pods.ts'
import { localTerminals } from './terminals.ts'
import { LocalWatch } from './watch.ts'

/**
 * Pods without a container engine: bubblewrap sandboxes where they work, otherwise plain child
 * processes with a home and workspace of their own, which are not isolated and are reported as
 * such. Pods outlive the supervisor.
 */
export function localBackend(options: LocalOptions): Backend {
  const pods = new LocalPods(options)
  const watch = new LocalWatch(pods, (agent) => {
    sweep(agent).catch(() => undefined)
  })
  const { lifecycle, sweep } = localLifecycle(pods, watch)
  return {
    kind: 'local',
    lifecycle,
    logs: localLogs(pods),
    exec: localExec(pods),
    terminals: localTerminals(pods),
    doors: localDoors(pods),
    freezer: localFreezer(pods, watch),
    stats: usageStats(async (agents) => localProcesses(runningRecords(pods, agents))),
    probe: () => report(pods),
    async sweep() {
      for (const agent of pods.records.names()) await sweep(agent)
    },
    async [Symbol.asyncDispose]() {
      watch.close()
    },
  }
}

async function report(pods: LocalPods): Promise<BackendReport> {
  const tools = await pods.tools()
  const sandbox = !('what' in tools)
  const root = process.geteuid?.() === 0
  const problems = [
    ...('what' in tools
      ? [{ what: `Agents are not isolated from this machine: ${tools.what}`, fix: tools.fix }]
      : []),
    { what: 'Memory and CPU limits are not enforced', fix: 'Install Podman for container limits.' },
    ...(sandbox && root
      ? [
          {
            what: 'The process limit does not apply to root',
            fix: 'Run clawdeck as an ordinary user.',
          },
        ]
      : []),
    ...(sandbox
      ? [
          {
            what: 'No seccomp filter. Nested user namespaces are blocked by a kernel limit instead',
            fix: 'Install Podman for seccomp.',
          },
        ]
      : []),
  ]
  return {
    kind: 'local',
    ready: true,
    rootless: !root,
    isolation: sandbox ? 'sandbox' : 'none',
    title: 'what' in tools ? 'local, not isolated' : `local bubblewrap ${tools.version}`,
    version: 'what' in tools ? '' : tools.version,
    enforces: {
      memory: false,
      cpu: false,
      pids: sandbox && !root,
      seccomp: false,
      network: sandbox,
      readOnlyRoot: sandbox,
    },
    problems,
  }
}
