import type { Rows } from '../../../journal/tables/rows.ts'
import { actionTotals, NO_ACTIONS, type ActionTotals } from '../actions/stats.ts'
import { utcDate } from '../times.ts'
import type { LedgerEntry } from './types.ts'

/** What actions are added up by. */
interface TotalOf {
  /** A UTC date, `YYYY-MM-DD`. */
  date?: string | undefined
  /** Totals of all days are those of each risk, so that a part of them can be added up. */
  risk?: number | undefined
  agent?: string | undefined
  type?: string | undefined
  swarm?: string | undefined
  session?: string | undefined
}

const PARTS = ['date', 'risk', 'agent', 'type', 'swarm', 'session'] as const

/** How the table names a total of an organisation. Only its last part can be any text. */
export function totalId(org: string, of: TotalOf): string {
  let id = org
  // The order stays: it is part of the name.
  for (const name of PARTS) {
    const value = of[name]
    if (value !== undefined) id += `/${name}/${value}`
  }
  return id
}

const MOST_RISK = 100

/** The totals that are added up for all days, of these risks. */
export function totalIds(
  org: string,
  {
    riskMin = 0,
    ...of
  }: Pick<TotalOf, 'agent' | 'type' | 'swarm'> & { riskMin?: number | undefined },
): string[] {
  const least = Math.max(0, Math.ceil(riskMin))
  const count = Math.max(0, MOST_RISK + 1 - least)
  return Array.from({ length: count }, (_, i) => totalId(org, { ...of, risk: least + i }))
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
function totalsOf({ org, agent, type, swarm, risk, at }: LedgerEntry): string[] {
  const date = utcDate(at)
  const groups = [
    { risk },
    { risk, agent },
    { risk, type },
    { date },
    { date, agent },
    ...(swarm === '' ? [] : [{ risk, swarm }]),
  ]
  return groups.map((of) => totalId(org, of))
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
