import type { RecordData } from '../records/types.ts'
import type { GroupSums } from '../records/sums.ts'

/** Messages about each action, in the order in which they were sent. */
export function messageSums(data: RecordData): GroupSums[] {
  const { action_id: action, created_at: at, from_agent_id: from, to_agent_id: to } = data
  if (typeof action !== 'string' || action === '') return []
  const names = [from, to].map((name) => (typeof name === 'string' ? name : ''))
  return [{ of: ['action', action, String(at), ...names], sums: { messages: 1 } }]
}
