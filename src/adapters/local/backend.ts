import type { Backend, BackendReport } from '../../ports/pods.ts'
import { usageStats, type PodProcesses } from '../pod-stats.ts'
import { belongs } from '../marked-processes.ts'
import { namespaceOf, processesByNamespace, startedWith } from '../proc.ts'
import { localDoors } from './doors.ts'
import { localExec } from './exec.ts'
import { isAlive } from './identity.ts'
import { localLifecycle } from './lifecycle.ts'
import { localLogs } from './logs.ts'
import { MONITOR_MARK } from './monitor.ts'
import { LocalPods, POD_MARK, startOf, type LocalOptions } from './pods.ts'
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
    stats: usageStats(async (agents) => processesOf(pods, agents)),
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

function processesOf(pods: LocalPods, agents: readonly string[]): Map<string, PodProcesses> {
  const running = agents
    .map((agent) => pods.records.read(agent))
    .filter((record) => isAlive(record?.first))
    .filter((record) => record !== undefined)
  const namespaces = new Map(
    running
      .filter((record) => record.mode === 'sandbox')
      .map((record) => [record.spec.agent, namespaceOf(record.first?.pid ?? 0, 'pid') ?? '']),
  )
  const members = processesByNamespace(new Set(namespaces.values()))
  return new Map(
    running.map((record) => {
      const namespace = namespaces.get(record.spec.agent)
      if (namespace !== undefined)
        return [record.spec.agent, { namespace, pids: members.get(namespace) ?? [] }]
      // A plain pod has no namespace of its own; the start of its first process identifies it.
      const start = startOf(record)
      const own = pods
        .candidates(record)
        .filter(
          (pid) =>
            pid !== record.monitor?.pid &&
            belongs(pid, `${POD_MARK}=${start}`, record.monitor?.pid ?? 0) &&
            !startedWith(pid, `${MONITOR_MARK}=${start}`),
        )
      return [record.spec.agent, { namespace: record.first?.began ?? '', pids: own }]
    }),
  )
}
