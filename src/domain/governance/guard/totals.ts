import type { Decision } from '../../policy/types.ts'
import type { RecordStore } from '../records/service.ts'
import { allSums } from '../records/sums.ts'
import { DAY, utcDate } from '../times.ts'

const KIND = 'guard_decision'

/** How many actions an organisation recorded in the month of a time. */
export function recordedInMonth(
  records: Pick<RecordStore, 'sums'>,
  org: string,
  at: number,
): number {
  const month = utcDate(at).slice(0, 'YYYY-MM'.length)
  return records.sums(org, KIND, ['month', month])['recorded'] ?? 0
}

/** How many answers of the guard an organisation has, or of one decision. */
export function decidedInAll(
  records: Pick<RecordStore, 'sumsOf'>,
  org: string,
  decision: string | undefined,
): number {
  const { recorded: _recorded, ...decisions } = allSums(records.sumsOf(org, KIND, ['month']))
  return Object.entries(decisions)
    .filter(([name]) => decision === undefined || name === decision)
    .reduce((sum, [, count]) => sum + count, 0)
}

/** What the guard decided on the day of a time and on those before it, so many in all. */
export function decidedInDays(
  records: Pick<RecordStore, 'sumsOf'>,
  org: string,
  { until, days }: { until: number; days: number },
): Partial<Record<Decision, number>> {
  const from = utcDate(until - (days - 1) * DAY)
  const { recorded: _recorded, ...decisions } = allSums(
    records.sumsOf(org, KIND, ['day'], { from }),
  )
  return decisions
}
