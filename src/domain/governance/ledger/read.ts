import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import { Statements, type BoundValues } from '../../../store/statements.ts'
import { actionStats, allTotals, NO_ACTIONS, type ActionTotals } from '../actions/stats.ts'
import type { Approval } from '../../approvals/types.ts'
import { DeepPages } from './deep-pages.ts'
import { ledgerId } from './noun.ts'
import { LEDGER_STATUSES } from '../types.ts'
import { NO_SESSION_ACTIONS, totalId, totalIds, type SessionActions } from './totals.ts'
import { WATCHED, type LedgerEntry, type LedgerQuery, type RecordedAction } from './types.ts'

const TERMS: Readonly<Record<string, string>> = {
  agent: 'agent = @agent',
  type: 'type = @type',
  status: 'status = @status',
  parent: 'parent = @parent',
  swarm: 'swarm = @swarm',
  riskMin: 'risk >= @riskMin',
  from: 'at >= @from',
  before: 'at < @before',
  watched: 'watched = @watched',
}

const FEW = 5000

/** Indexes that have all that is added up, so that no row is read. */
const SUMMED_BY = {
  agent: 'ledger_by_org_and_agent_and_at_and_type_and_status_and_swarm_and_risk_and_cost',
  swarm: 'ledger_by_org_and_swarm_and_at_and_agent_and_type_and_status_and_risk_and_cost',
}

/** What totals are folded by, one at a time. */
const FOLDED_BY = new Set(['agent', 'type', 'swarm'])

/** Agents that are compared by when they acted. */
const MOST_AGENTS = 10_000

/** Reads the ledger, and what it adds up to. */
export class LedgerReader {
  readonly #journal: Journal
  readonly #statements: Statements
  readonly #recordedSince
  readonly #totals
  readonly #deep

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
    this.#deep = new DeepPages(store, (org, of) => this.totalsOfDate(org, of))
  }

  /** A page of actions, those that began last first, and what all that are found add up to. */
  page(
    org: string,
    query: LedgerQuery,
  ): { actions: RecordedAction[]; stats: ReturnType<typeof actionStats> } {
    const { limit: _limit, offset = 0, ...others } = query
    const stats = this.stats(org, others)
    if (offset >= stats.total) return { actions: [], stats }
    return { actions: this.list(org, { ...query, ...this.#deep.startOf(org, query) }), stats }
  }

  /** Actions, those that began last first. */
  list(org: string, query: LedgerQuery): RecordedAction[] {
    const isRare = this.#isRare(org, query)
    const { where, values } = selected(org, query, isRare ? 'riskMin' : leaderOf(query))
    const order = query.oldest === true ? 'at, rowid' : 'at DESC, rowid DESC'
    const by = isRare ? 'INDEXED BY ledger_by_org_and_risk_and_at' : ''
    const page = `ledger ${by} WHERE ${where} ORDER BY ${order} LIMIT @limit OFFSET @offset`
    // Only the rows of the page are read; others are skipped and sorted by what the index knows.
    const found =
      isRare || (query.offset ?? 0) > 0
        ? `ledger WHERE rowid IN (SELECT rowid FROM ${page}) ORDER BY ${order}`
        : page
    return this.#statements
      .values<string>(`SELECT row ->> '$.action' FROM ${found}`)
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
    const { status, riskMin, ...others } = query
    const asked = Object.entries(others).filter(([, value]) => value !== undefined)
    const isFolded = asked.every(([key]) => FOLDED_BY.has(key)) && asked.length < 2
    if (!isFolded) return actionStats(this.#counted(org, query))
    const totals = this.totals(org, { ...others, riskMin })
    if (status === undefined) return actionStats(totals)
    const known = LEDGER_STATUSES.find((each) => each === status)
    const ofStatus = known === undefined ? undefined : totals[known]
    return actionStats(ofStatus === undefined ? NO_ACTIONS : { [status]: ofStatus })
  }

  /** What is folded of all actions, of an agent, a type or a swarm; from a risk on. */
  totals(org: string, of: Parameters<typeof totalIds>[1]): ActionTotals {
    return allTotals(this.#totalsOf(totalIds(org, of)))
  }

  /** What is folded of a date, or of an agent on it. */
  totalsOfDate(org: string, of: { date: string; agent?: string | undefined }): ActionTotals {
    const id = totalId(org, of)
    return this.#journal.rows.get<ActionTotals>('ledger_total', id) ?? NO_ACTIONS
  }

  /** Totals of these dates, without those that there is nothing of. */
  totalsOfDates(org: string, dates: readonly string[]): ActionTotals[] {
    return this.#totalsOf(dates.map((date) => totalId(org, { date })))
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

  /** Whether it is faster to sort all actions of such a risk than to look for them by time. */
  #isRare(org: string, { riskMin, agent, swarm, parent }: LedgerQuery): boolean {
    const isNarrow = [agent, swarm, parent].some((value) => value !== undefined)
    if (riskMin === undefined || isNarrow) return false
    return actionStats(this.totals(org, { riskMin })).total <= FEW
  }

  #totalsOf(ids: readonly string[]): ActionTotals[] {
    this.#journal.rows.settle()
    return this.#totals.all(JSON.stringify(ids)).map((row) => JSON.parse(row) as ActionTotals)
  }

  #counted(org: string, query: Omit<LedgerQuery, 'limit' | 'offset'>): ActionTotals {
    const { where, values } = selected(org, { ...query, limit: 0 })
    const leader = leaderOf({ ...query, limit: 0 })
    const by = leader === 'agent' || leader === 'swarm' ? `INDEXED BY ${SUMMED_BY[leader]}` : ''
    const rows = this.#statements
      .rows<{ status: string; n: number; high: number; risk: number; cost: number }>(
        `SELECT status, count(*) AS n, sum(risk >= 70) AS high, sum(risk) AS risk,
          sum(cost) AS cost FROM ledger ${by} WHERE ${where} GROUP BY +status`,
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

/** Each has an index in which the others stand too; the first that is asked for is gone by. */
const LEADERS = ['parent', 'swarm', 'agent', 'status', 'type'] as const
type Leader = (typeof LEADERS)[number] | 'riskMin'

function leaderOf(query: LedgerQuery): Leader | undefined {
  // The oldest of a status are few.
  if (query.oldest === true && query.status !== undefined) return 'status'
  return LEADERS.find((key) => query[key] !== undefined)
}

function selected(
  org: string,
  query: LedgerQuery,
  leader = leaderOf(query),
): { where: string; values: BoundValues } {
  const values: Record<string, string | number> = { org }
  const terms = ['org = @org']
  for (const [key, term] of Object.entries(TERMS)) {
    const value = query[key as keyof Omit<LedgerQuery, 'oldest'>]
    if (value === undefined) continue
    // A plus keeps from going by another index.
    const isLed = key === 'riskMin' || LEADERS.some((each) => each === key)
    values[key] = value
    terms.push(isLed && key !== leader ? `+${term}` : term)
  }
  return { where: terms.join(' AND '), values }
}
