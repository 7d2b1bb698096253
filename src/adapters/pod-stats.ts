import type { PodStats, PodUsage } from '../ports/pods.ts'
import { namespaceOf, processesByNamespace, processOf } from './proc.ts'

/** The processes of one pod now; `space` tells one start of it from the next. */
export interface PodProcesses {
  space: string
  pids: readonly number[]
}

/**
 * Usage of pods read from /proc, by pid namespace: works where the engine has no statistics (rootless on cgroup v1) and
 * costs one pass over /proc for all. `firstProcess` answers the host pids of the running ones.
 */
export function procStats(
  firstProcesses: (agents: readonly string[]) => Promise<Map<string, number>>,
  now: () => number = Date.now,
): PodStats {
  return usageStats(async (agents) => {
    const spaces = new Map<string, string>()
    for (const [agent, pid] of await firstProcesses(agents)) {
      const space = namespaceOf(pid, 'pid')
      if (space !== undefined) spaces.set(agent, space)
    }
    const members = processesByNamespace(new Set(spaces.values()))
    return new Map(
      [...spaces].map(([agent, space]) => [agent, { space, pids: members.get(space) ?? [] }]),
    )
  }, now)
}

/** Usage of pods whose processes are known. */
export function usageStats(
  processesOf: (agents: readonly string[]) => Promise<Map<string, PodProcesses>>,
  now: () => number = Date.now,
): PodStats {
  let before = new Map<string, { space: string; cpuMs: number; at: number }>()
  return {
    async read(agents) {
      const usage = new Map<string, PodUsage>()
      const seen: typeof before = new Map(before)
      for (const [agent, { space, pids }] of await processesOf(agents)) {
        const all = pids.map(processOf).filter((process) => process !== undefined)
        const cpuMs = all.reduce((sum, process) => sum + process.cpuMs, 0)
        const at = now()
        const last = before.get(agent)
        const spent =
          last?.space === space && at > last.at
            ? Math.max(0, cpuMs - last.cpuMs) / (at - last.at)
            : 0
        seen.set(agent, { space, cpuMs, at })
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
