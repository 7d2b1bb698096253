import { noun } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import type { Decision } from '../../policy/types.ts'
import { DAY, utcDate } from '../times.ts'

/** What the guard decided within a UTC day or month. */
export interface GuardTotal extends Readonly<Record<Decision, number>> {
  /** Of these, those about actions that the ledger holds. */
  readonly recorded: number
}

const NO_DECISIONS: GuardTotal = { allow: 0, warn: 0, require_approval: 0, block: 0, recorded: 0 }

/** Decisions of the guard, counted by day and by month as they happen. */
export const guardTotalNoun = noun({
  name: 'guard_total',
  checkedLate: true,
  brief: 'unchecked',
  folds: {
    'record.made': ({ at, body: { org, kind, data } }, rows) => {
      if (kind !== 'guard_decision') return
      const decision = data['decision'] as Decision
      const recorded = Number(data['recorded'] === true)
      for (const id of [dayId(org, at), monthId(org, at)]) {
        const total = totalAt(rows, id)
        rows.put('guard_total', id, {
          ...total,
          [decision]: total[decision] + 1,
          recorded: total.recorded + recorded,
        })
      }
    },
  },
})

function dayId(org: string, at: number): string {
  return `${org}/${utcDate(at)}`
}

function monthId(org: string, at: number): string {
  return `${org}/${utcDate(at).slice(0, 7)}`
}

function totalAt(rows: Pick<Rows, 'get'>, id: string): GuardTotal {
  return rows.get<GuardTotal>('guard_total', id) ?? NO_DECISIONS
}

/** What the guard decided in the month of a time. */
export function guardMonth(rows: Pick<Rows, 'get'>, org: string, at: number): GuardTotal {
  return totalAt(rows, monthId(org, at))
}

/** What it decided on a day and on those before it, so many in all. */
export function guardDays(
  rows: Pick<Rows, 'get'>,
  org: string,
  { until, days }: { until: number; days: number },
): Record<Decision, number> {
  const sum = { ...NO_DECISIONS }
  for (let i = 0; i < days; i++) {
    const total = totalAt(rows, dayId(org, until - i * DAY))
    for (const key of Object.keys(sum) as (keyof GuardTotal)[])
      (sum as Record<keyof GuardTotal, number>)[key] += total[key]
  }
  const { recorded: _recorded, ...decisions } = sum
  return decisions
}
