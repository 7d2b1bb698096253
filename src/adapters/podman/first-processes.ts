import { namespaceOf } from '../proc.ts'
import { AGENT_LABEL } from './names.ts'
import type { Pods } from './pods.ts'

const REFRESH_INTERVAL_MS = 2_000

/**
 * The host pids of the first processes of running pods. This is called every second for all agents,
 * so known pids are only checked in /proc; the engine is asked when an agent is new or its process
 * ended.
 */
export function firstProcesses(
  pods: Pods,
): (agents: readonly string[]) => Promise<Map<string, number>> {
  let known = new Map<string, { pid: number; namespace: string }>()
  let missing = new Set<string>()
  let refreshedAt = 0
  const isAlive = (agent: string): boolean => {
    const entry = known.get(agent)
    return entry !== undefined && namespaceOf(entry.pid, 'pid') === entry.namespace
  }
  const refresh = async (): Promise<void> => {
    refreshedAt = Date.now()
    known = new Map(
      (await pods.list())
        .filter(({ Pid }) => Pid > 0)
        .flatMap(({ Pid: pid, Labels }) => {
          const namespace = namespaceOf(pid, 'pid')
          return namespace === undefined ? [] : [[Labels[AGENT_LABEL] ?? '', { pid, namespace }]]
        }),
    )
  }
  return async (agents) => {
    if (agents.length === 0 || !(await pods.engine.facts()).local) return new Map()
    const unknown = agents.filter((agent) => !isAlive(agent))
    if (
      unknown.some((agent) => !missing.has(agent)) ||
      (unknown.length > 0 && Date.now() - refreshedAt > REFRESH_INTERVAL_MS)
    ) {
      await refresh()
      missing = new Set(agents.filter((agent) => !known.has(agent)))
    }
    return new Map(agents.filter(isAlive).map((agent) => [agent, known.get(agent)?.pid ?? 0]))
  }
}
