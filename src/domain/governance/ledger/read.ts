import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import { Statements, type BoundValues } from '../../../store/statements.ts'
import { actionStats, NO_ACTIONS, type ActionTotals } from '../actions/stats.ts'
import type { Approval } from '../../approvals/types.ts'
import { ledgerId } from './noun.ts'
import { LEDGER_STATUSES } from '../types.ts'
import { NO_SESSION_ACTIONS, totalId, type SessionActions } from './totals.ts'
import { WATCHED, type RecordedAction, type LedgerEntry } from './types.ts'

/** What somebody looks for in the ledger. Everything given has to hold. */
export interface LedgerQuery {
  agent?: string | undefined
  type?: string | undefined
  status?: string | undefined
  swarm?: string | undefined
  parent?: string | undefined
  riskMin?: number | undefined
  /** Unix milliseconds: begun then or later, and before. */
  from?: number | undefined
  before?: number | undefined
  /** What signals look for; see `WATCHED`. */
  watched?: number | undefined
  /** Those that began first come first. */
  oldest?: boolean
  limit: number
  offset?: number | undefined
}

const TERMS: Readonly<Record<string, string>> = {
  agent: 'agent = @agent',
  type: 'type = @type',
  status: 'status = @status',
  parent: 'parent = @parent',
  swarm: "row ->> '$.swarm' = @swarm",
  riskMin: "row ->> '$.action.risk_score' >= @riskMin",
  from: 'at >= @from',
  before: 'at < @before',
  watched: 'watched = @watched',
}

/** Agents that are compared by when they acted. */
const MOST_AGENTS = 10_000

/** Reads the ledger, and what it adds up to. */
export class LedgerReader {
  readonly #journal: Journal
  readonly #statements: Statements
  readonly #recordedSince
  readonly #totals

  constructor({ journal, store }: { journal: Journal; store: Store }) {
    this.#journal = journal
    this.#statements = new Statements(store)
    this.#recordedSince = store
      .prepare<[string, string, number, number], number>(
        'SELECT count(*) FROM (SELECT 1 FROM ledger WHERE org = ? AND agent = ? AND recorded >= ? LIMIT ?)',
      )
      .pluck()
    this.#totals = store
      .prepare<[string], string>(
        'SELECT row FROM ledger_total WHERE id IN (SELECT value FROM json_each(?))',
      )
      .pluck()
  }

  /** An action of an organisation, if there is one. */
  find(org: string, id: string): RecordedAction | undefined {
    return this.entry(org, id)?.action
  }

  /** Actions, those that began last first. */
  list(org: string, query: LedgerQuery): RecordedAction[] {
    const { where, values } = selected(org, query)
    const order = query.oldest === true ? 'at, rowid' : 'at DESC, rowid DESC'
    return this.#statements
      .values<string>(
        `SELECT row ->> '$.action' FROM ledger WHERE ${where} ORDER BY ${order} LIMIT @limit OFFSET @offset`,
      )
      .all({ ...values, limit: query.limit, offset: query.offset ?? 0 })
      .map((action) => JSON.parse(action) as RecordedAction)
  }

  /** How many actions there are, whatever the limit. */
  count(org: string, query: Omit<LedgerQuery, 'limit' | 'offset'>): number {
    const { where, values } = selected(org, { ...query, limit: 0 })
    return (
      this.#statements.values<number>(`SELECT count(*) FROM ledger WHERE ${where}`).get(values) ?? 0
    )
  }

  /**
   * How many actions of an agent were recorded since a time, counted up to `most`. It goes by when
   * they were written down, not by when the agent says that they began.
   */
  recordedSince(
    org: string,
    agent: string,
    { since, most }: { since: number; most: number },
  ): number {
    return this.#recordedSince.get(org, agent, since, most) ?? 0
  }

  /** Agents with at least so many actions that began at a time or later. */
  often(
    org: string,
    { from, status, atLeast }: { from: number; status?: string; atLeast: number },
  ): { agent_id: string; count: number }[] {
    const { where, values } = selected(org, { from, status, limit: 0 })
    return this.#statements
      .rows<{ agent_id: string; count: number }>(
        `SELECT agent AS agent_id, count(*) AS count FROM ledger WHERE ${where}
          GROUP BY agent HAVING count(*) >= @atLeast`,
      )
      .all({ ...values, atLeast })
  }

  /** Agents, those that acted last first. Each is found by a jump in the index. */
  latestAgents(org: string, limit: number): string[] {
    return this.#statements
      .values<string>(
        `WITH RECURSIVE known (agent) AS (
          SELECT min(agent) FROM ledger WHERE org = @org
          UNION ALL
          SELECT (SELECT min(agent) FROM ledger WHERE org = @org AND agent > known.agent)
            FROM known WHERE known.agent IS NOT NULL LIMIT @most
        ) SELECT agent FROM known WHERE agent IS NOT NULL
          ORDER BY (SELECT max(at) FROM ledger l WHERE l.org = @org AND l.agent = known.agent) DESC
          LIMIT @limit`,
      )
      .all({ org, limit, most: MOST_AGENTS })
  }

  /** The running actions that signals look for, of one of `WATCHED`: the oldest of them. */
  watched(org: string, bit: number, query: LedgerQuery): RecordedAction[] {
    const all = WATCHED.risky + WATCHED.workflow
    return [bit, all]
      .flatMap((watched) => this.list(org, { ...query, status: 'running', watched, oldest: true }))
      .toSorted((a, b) => Date.parse(a.timestamp_start) - Date.parse(b.timestamp_start))
      .slice(0, query.limit)
  }

  /** An action with what the deck knows of it; undefined if there is none. */
  entry(org: string, id: string): LedgerEntry | undefined {
    return this.#journal.rows.get<LedgerEntry>('ledger', ledgerId(org, id))
  }

  /** An action of the organisation; undefined if there is none. */
  get(org: string, id: string): RecordedAction | undefined {
    return this.entry(org, id)?.action
  }

  /** What a person was asked about an action; undefined where nobody was. */
  approvalOf({ approval }: Pick<LedgerEntry, 'approval'>): Approval | undefined {
    return approval === '' ? undefined : this.#journal.rows.get('approval', approval)
  }

  /** What the actions that a query finds add up to. */
  stats(org: string, query: Omit<LedgerQuery, 'limit' | 'offset'>): ReturnType<typeof actionStats> {
    const { status, ...others } = query
    const asked = Object.entries(others).filter(([, value]) => value !== undefined)
    const isFolded = asked.every(([key]) => key === 'agent' || key === 'type') && asked.length < 2
    if (!isFolded) return actionStats(this.#counted(org, query))
    const totals = this.totals(org, others)
    if (status === undefined) return actionStats(totals)
    const known = LEDGER_STATUSES.find((each) => each === status)
    const ofStatus = known === undefined ? undefined : totals[known]
    return actionStats(ofStatus === undefined ? NO_ACTIONS : { [status]: ofStatus })
  }

  /** Totals that are folded: of all, of a date, an agent, a type, or a date and an agent. */
  totals(
    org: string,
    of: { date?: string | undefined; agent?: string | undefined; type?: string | undefined },
  ): ActionTotals {
    const id = totalId(org, of)
    return this.#journal.rows.get<ActionTotals>('ledger_total', id) ?? NO_ACTIONS
  }

  /** Totals of these dates, without those that there is nothing of. */
  totalsOfDates(org: string, dates: readonly string[]): ActionTotals[] {
    const ids = dates.map((date) => totalId(org, { date }))
    this.#journal.rows.settle()
    return this.#totals.all(JSON.stringify(ids)).map((row) => JSON.parse(row) as ActionTotals)
  }

  /** What the actions of a session add up to. */
  ofSession(org: string, session: string): SessionActions {
    const id = totalId(org, { session })
    return this.#journal.rows.get<SessionActions>('ledger_total', id) ?? NO_SESSION_ACTIONS
  }

  /** When something of a session happened last: one of its actions, or what is known besides. */
  latestOfSession(org: string, session: string, besides: string): string {
    const { latest } = this.ofSession(org, session)
    return Date.parse(besides) >= latest ? besides : new Date(latest).toISOString()
  }

  #counted(org: string, query: Omit<LedgerQuery, 'limit' | 'offset'>): ActionTotals {
    const { where, values } = selected(org, { ...query, limit: 0 })
    const rows = this.#statements
      .rows<{ status: string; n: number; high: number; risk: number; cost: number }>(
        `SELECT status, count(*) AS n, sum(row ->> '$.action.risk_score' >= 70) AS high,
          sum(row ->> '$.action.risk_score') AS risk,
          sum(round(coalesce(row ->> '$.action.cost_estimate', 0) * 1000000)) AS cost
          FROM ledger WHERE ${where} GROUP BY status`,
      )
      .all(values)
    return Object.fromEntries(
      rows.map(({ status, n, high, risk, cost }) => [
        status,
        { count: n, highRisk: high, riskSum: risk, costSum: cost },
      ]),
    )
  }
}

function selected(org: string, query: LedgerQuery): { where: string; values: BoundValues } {
  const values: Record<string, string | number> = { org }
  const terms = ['org = @org']
  for (const [key, term] of Object.entries(TERMS)) {
    const value = query[key as keyof Omit<LedgerQuery, 'oldest'>]
    if (value === undefined) continue
    values[key] = value
    // The oldest of a status are few: a plus keeps from going through all of an agent instead.
    terms.push(key === 'agent' && query.oldest && query.status !== undefined ? `+${term}` : term)
  }
  return { where: terms.join(' AND '), values }
}
