import type { RecordData } from '../records/types.ts'
import type { GroupSums } from '../records/sums.ts'

/** Tokens that were used: in all and by each agent, and the same of each day. */
export function tokenSums(data: RecordData): GroupSums[] {
  const { agent_id: agent, created_at: at } = data
  const sums = {
    snapshots: 1,
    tokens_in: Number(data['tokens_in']),
    tokens_out: Number(data['tokens_out']),
    cost: Number(data['estimated_cost']),
  }
  const day = String(at).slice(0, 10)
  const by = ['agent', String(agent)]
  return [[], by, ['day', day], [...by, 'day', day]].map((of) => ({ of, sums }))
}
