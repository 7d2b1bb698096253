import type { Store } from '../../../store/open.ts'
import { actionStats, type ActionTotals } from '../actions/stats.ts'
import type { LedgerStatus } from '../types.ts'
import type { LedgerQuery } from './types.ts'
import { totalId } from './totals.ts'

/** Fewer are skipped as fast one by one. */
const DEEP = 500
/** So many days are skipped at most: about five years. */
const MOST_DAYS = 2000
/** What days are counted by. */
const COUNTED_BY = new Set<string>(['agent', 'status', 'limit', 'offset'])

/** Where a page begins. */
interface PageStart {
  before?: number
  offset: number
}

/**
 * Finds where a deep page begins by the totals of days: what began on newer days is left out whole,
 * without going through it.
 */
export class DeepPages {
  readonly #newest
  readonly #totalsOfDate

  constructor(
    store: Store,
    totalsOfDate: (org: string, of: { date: string; agent?: string | undefined }) => ActionTotals,
  ) {
    this.#totalsOfDate = totalsOfDate
    this.#newest = store
      .prepare<[string, string], string | null>(
        'SELECT max(id) FROM ledger_total WHERE id > ? AND id < ?',
      )
      .pluck()
  }

  startOf(org: string, query: LedgerQuery): PageStart {
    const start: PageStart = { offset: query.offset ?? 0 }
    if (start.offset < DEEP || !isCounted(query)) return start
    const first = totalId(org, { date: '' })
    // Years of more than four digits are not in the order of their texts.
    if (typeof this.#newest.get(first, `${first}0`) === 'string') return start
    let last = `${first}:`
    for (let days = 0; days < MOST_DAYS; days++) {
      const id = this.#newest.get(first, last)
      if (typeof id !== 'string') return start
      const date = id.slice(first.length, first.length + 'YYYY-MM-DD'.length)
      const count = this.#count(org, date, query)
      if (count > start.offset) return start
      start.offset -= count
      start.before = Date.parse(date)
      last = first + date
    }
    return start
  }

  #count(org: string, date: string, { agent, status }: LedgerQuery): number {
    const totals = this.#totalsOfDate(org, { date, agent })
    if (status === undefined) return actionStats(totals).total
    return totals[status as LedgerStatus]?.count ?? 0
  }
}

function isCounted({ oldest, ...query }: LedgerQuery): boolean {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined)
  return oldest !== true && asked.every(([key]) => COUNTED_BY.has(key))
}
