import { namespaceOf } from '../proc.ts'
import { AGENT_LABEL } from './names.ts'
import type { Pods } from './pods.ts'

const ASK_AGAIN_AFTER = 2_000

/**
 * The host pids of the first processes of running pods. Asked every second for a whole fleet, so what is known is only
 * checked against /proc, and the engine is asked again when an agent is new or its process has gone.
 */
export function firstProcesses(
  pods: Pods,
): (agents: readonly string[]) => Promise<Map<string, number>> {
  let known = new Map<string, { pid: number; space: string }>()
  let missing = new Set<string>()
  let askedAt = 0
  const lives = (agent: string): boolean => {
    const entry = known.get(agent)
    return entry !== undefined && namespaceOf(entry.pid, 'pid') === entry.space
  }
  const ask = async (): Promise<void> => {
    askedAt = Date.now()
    known = new Map(
      (await pods.list())
        .filter((found) => found.Pid > 0)
        .flatMap((found) => {
          const space = namespaceOf(found.Pid, 'pid')
          return space === undefined
            ? []
            : [[found.Labels[AGENT_LABEL] ?? '', { pid: found.Pid, space }]]
        }),
    )
  }
  return async (agents) => {
    if (agents.length === 0 || !(await pods.engine.facts()).local) return new Map()
    const unknown = agents.filter((agent) => !lives(agent))
    if (
      unknown.some((agent) => !missing.has(agent)) ||
      (unknown.length > 0 && Date.now() - askedAt > ASK_AGAIN_AFTER)
    ) {
      await ask()
      missing = new Set(agents.filter((agent) => !known.has(agent)))
    }
    return new Map(agents.filter(lives).map((agent) => [agent, known.get(agent)?.pid ?? 0]))
  }
}
