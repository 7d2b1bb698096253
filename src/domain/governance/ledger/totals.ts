import type { Rows } from '../../../journal/tables/rows.ts'
import { actionTotals, NO_ACTIONS, type ActionTotals } from '../actions/stats.ts'
import { utcDate } from '../times.ts'
import type { LedgerEntry } from './types.ts'

/** What actions are added up by; without any, all of the organisation. */
interface TotalOf {
  /** A UTC date, `YYYY-MM-DD`. */
  date?: string | null | undefined
  agent?: string | null | undefined
  type?: string | null | undefined
  session?: string | null | undefined
}

/** How the table names a total of an organisation. Only its last part can be any text. */
export function totalId(org: string, { date, agent, type, session }: TotalOf = {}): string {
  let id = org
  if (typeof date === 'string') id += `/date/${date}`
  if (typeof agent === 'string') id += `/agent/${agent}`
  if (typeof type === 'string') id += `/type/${type}`
  if (typeof session === 'string') id += `/session/${session}`
  return id
}

/** What the actions of a session add up to. */
export interface SessionActions {
  totals: ActionTotals
  /** How many there are of each risk. */
  risks: Readonly<Record<string, number>>
  /** When one of them was written last, in Unix milliseconds. */
  latest: number
}

export const NO_SESSION_ACTIONS: SessionActions = {
  totals: NO_ACTIONS,
  risks: {},
  latest: 0,
}

interface Change {
  before?: LedgerEntry | undefined
  now?: LedgerEntry | undefined
}

/** The totals that an action counts in. */
function totalsOf({ org, agent, type, at }: LedgerEntry): string[] {
  const date = utcDate(at)
  return [{}, { agent }, { type }, { date }, { date, agent }].map((of) => totalId(org, of))
}

/** Adds an action to the totals, in the place of how it was before. */
export function countAction(rows: Rows, change: Change): void {
  const [olds, news] = [change.before, change.now].map((entry) =>
    entry === undefined ? [] : totalsOf(entry),
  ) as [string[], string[]]
  for (const id of new Set([...olds, ...news])) {
    const total = actionTotals(
      rows.get<ActionTotals>('ledger_total', id) ?? NO_ACTIONS,
      olds.includes(id) ? (change.before?.action ?? null) : null,
      news.includes(id) ? (change.now?.action ?? null) : null,
    )
    rows.put('ledger_total', id, total)
  }
  countInSession(rows, change)
}

function countInSession(rows: Rows, { before, now }: Change): void {
  const entry = now ?? before
  const session = entry?.action.session_id ?? null
  if (entry === undefined || session === null) return
  const id = totalId(entry.org, { session })
  const { totals, risks, latest } =
    rows.get<SessionActions>('ledger_total', id) ?? NO_SESSION_ACTIONS
  const moves = [
    [before, -1],
    [now, 1],
  ] as const
  rows.put('ledger_total', id, {
    totals: actionTotals(totals, before?.action ?? null, now?.action ?? null),
    risks: moves.reduce((sum, [of, by]) => (of === undefined ? sum : withRisk(sum, of, by)), risks),
    latest: Math.max(latest, Date.parse(entry.action.updated_at)),
  } satisfies SessionActions)
}

function withRisk(
  risks: SessionActions['risks'],
  { action: { risk_score: risk } }: LedgerEntry,
  by: 1 | -1,
): SessionActions['risks'] {
  const { [risk]: count = 0, ...others } = risks
  return count + by > 0 ? { ...others, [risk]: count + by } : others
}
