import type { RecordData } from '../records/types.ts'
import type { GroupSums } from '../records/sums.ts'

/** Assumptions of all and of each agent: how many stand how. */
export function assumptionSums({ agent_id: agent, status }: RecordData): GroupSums[] {
  const sums = { [String(status)]: 1 }
  return [[], ['agent', String(agent)]].map((of) => ({ of, sums }))
}
