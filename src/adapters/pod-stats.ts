import type { PodStats, PodUsage } from '../ports/pods.ts'
import { namespaceOf, processesByNamespace, processOf } from './proc.ts'

/** The current processes of one pod. `namespace` differs between starts of the pod. */
export interface PodProcesses {
  namespace: string
  pids: readonly number[]
}

/**
 * Usage of pods from /proc, by pid namespace: works where the engine has no statistics (rootless on
 * cgroup v1), and costs one pass over /proc for all pods. `firstProcesses` returns the host pids of
 * the running ones.
 */
export function procStats(
  firstProcesses: (agents: readonly string[]) => Promise<Map<string, number>>,
  now: () => number = Date.now,
): PodStats {
  return usageStats(async (agents) => {
    const namespaces = new Map<string, string>()
    for (const [agent, pid] of await firstProcesses(agents)) {
      const namespace = namespaceOf(pid, 'pid')
      if (namespace !== undefined) namespaces.set(agent, namespace)
    }
    const members = processesByNamespace(new Set(namespaces.values()))
    return new Map(
      [...namespaces].map(([agent, namespace]) => [
        agent,
        { namespace, pids: members.get(namespace) ?? [] },
      ]),
    )
  }, now)
}

/** Usage of pods with known processes. */
export function usageStats(
  processesOf: (agents: readonly string[]) => Promise<Map<string, PodProcesses>>,
  now: () => number = Date.now,
): PodStats {
  let before = new Map<string, { namespace: string; cpuMs: number; at: number }>()
  return {
    async read(agents) {
      const usage = new Map<string, PodUsage>()
      const seen: typeof before = new Map(before)
      for (const [agent, { namespace, pids }] of await processesOf(agents)) {
        const all = pids.map(processOf).filter((process) => process !== undefined)
        const cpuMs = all.reduce((sum, process) => sum + process.cpuMs, 0)
        const at = now()
        const last = before.get(agent)
        const spent =
          last?.namespace === namespace && at > last.at
            ? Math.max(0, cpuMs - last.cpuMs) / (at - last.at)
            : 0
        seen.set(agent, { namespace, cpuMs, at })
        usage.set(agent, {
          cpuPercent: Math.round(spent * 1000) / 10,
          pids: all.length,
          memoryBytes: all.reduce((sum, process) => sum + process.memoryBytes, 0),
        })
      }
      before = seen
      return usage
    },
  }
}
