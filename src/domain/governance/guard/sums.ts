import type { GroupSums, Sums } from '../records/sums.ts'
import type { RecordData } from '../records/types.ts'

/** What a decision of the guard adds to those of its UTC day and month. */
export function guardSums(data: RecordData): GroupSums[] {
  const date = String(data['created_at']).slice(0, 'YYYY-MM-DD'.length)
  const sums: Sums = {
    [String(data['decision'])]: 1,
    ...(data['recorded'] === true ? { recorded: 1 } : {}),
  }
  return [
    { of: ['day', date], sums },
    { of: ['month', date.slice(0, 'YYYY-MM'.length)], sums },
  ]
}
