import type { RecordData } from '../records/types.ts'
import type { GroupSums } from '../records/sums.ts'

/** Loops of all and of each agent: how many have each status, and each status and priority. */
export function loopSums({ agent_id: agent, status, priority }: RecordData): GroupSums[] {
  const sums = { [String(status)]: 1, [`${String(status)}/${String(priority)}`]: 1 }
  return [[], ['agent', String(agent)]].map((of) => ({ of, sums }))
}
