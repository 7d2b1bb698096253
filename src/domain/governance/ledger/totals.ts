import type { Rows } from '../../../journal/tables/rows.ts'
import { actionTotals, NO_ACTIONS, type ActionTotals } from '../actions/stats.ts'
import { utcDate } from '../times.ts'
import type { LedgerEntry } from './types.ts'

/** What actions are added up by; without any, all of the organisation. */
interface TotalOf {
  agent?: string | null | undefined
  type?: string | null | undefined
  /** A UTC date, `YYYY-MM-DD`. */
  date?: string | null | undefined
}

/** How the table names a total of an organisation. */
export function totalId(org: string, of: TotalOf = {}): string {
  const parts = Object.entries(of).filter(([, value]) => typeof value === 'string')
  return [org, ...parts.flat()].join('/')
}

/** The totals that an action counts in. */
function totalsOf({ org, agent, type, at }: LedgerEntry): string[] {
  return [{}, { agent }, { type }, { date: utcDate(at) }].map((of) => totalId(org, of))
}

/** Adds an action to the totals, in the place of how it was before. */
export function countAction(
  rows: Rows,
  { before, now }: { before?: LedgerEntry | undefined; now?: LedgerEntry | undefined },
): void {
  const [olds, news] = [before, now].map((entry) =>
    entry === undefined ? [] : totalsOf(entry),
  ) as [string[], string[]]
  for (const id of new Set([...olds, ...news])) {
    const total = actionTotals(
      rows.get<ActionTotals>('ledger_total', id) ?? NO_ACTIONS,
      olds.includes(id) ? (before?.action ?? null) : null,
      news.includes(id) ? (now?.action ?? null) : null,
    )
    rows.put('ledger_total', id, total)
  }
}
