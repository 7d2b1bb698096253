import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nouns } from '../../../../src/commands/registry.ts'
import {
  actionStats,
  actionTotals,
  NO_ACTIONS,
} from '../../../../src/domain/governance/actions/stats.ts'
import { UNTOLD } from '../../../../src/domain/governance/ledger/recorded.ts'
import { LedgerReader } from '../../../../src/domain/governance/ledger/read.ts'
import type { LedgerQuery, RecordedAction } from '../../../../src/domain/governance/ledger/types.ts'
import type { Draft } from '../../../../src/journal/types.ts'
import { realJournal, tempFolder } from '../../../support/journal.ts'
import { seeded } from '../../../support/random.ts'

const ACTIONS = 3000
const DAY = 24 * 60 * 60_000
const ORG = 'acme'
const cleanups: (() => unknown)[] = []
const random = seeded(4)
/** The actions as they are in the end, those that began last first. */
let expected: RecordedAction[]
let record: Awaited<ReturnType<typeof realJournal>>
let reader: LedgerReader

const some = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T

function actionAt(i: number): RecordedAction {
  // Several begin in the same millisecond, some on the edge of a day.
  const at = new Date(Date.UTC(2026, 0, 1) + Math.floor(random() * 40) * DAY + some([0, 1, 500]))
  const time = at.toISOString()
  return {
    ...UNTOLD,
    action_id: `act_${i}`,
    agent_id: some(['scout', 'ada/risk/5', 'date']),
    action_type: some(['research', 'deploy']),
    declared_goal: 'look around',
    status: some(['completed', 'failed', 'running']),
    swarm_id: some([null, null, 'blue', 'red']),
    risk_score: some([0, 20, 69, 70, 99]),
    cost_estimate: some([null, 0.1, 0.000002]),
    confidence: 50,
    timestamp_start: time,
    approved_by: null,
    approved_at: null,
    created_at: time,
    updated_at: time,
  }
}

const recorded = (action: RecordedAction, org = ORG): Draft => ({
  type: 'ledger.recorded',
  actor: 'key:k1/api',
  subject: '',
  body: { org, approval: '', question: '', action },
})

beforeAll(async () => {
  const folder = tempFolder((act) => cleanups.push(act))
  record = await realJournal(folder, nouns)
  cleanups.push(() => record.close())
  const { journal, store } = record
  const all = Array.from({ length: ACTIONS }, (_, i) => actionAt(i))
  await journal.append(() => all.map((action) => recorded(action)))
  await journal.append(() => all.slice(0, 700).map((action) => recorded(action, 'other')))
  const common = { actor: 'key:k1/api', subject: '' }
  const done = { status: 'completed', cost_estimate: 0.5 } as const
  const isDone = (i: number) => i % 7 === 0
  const isGone = (i: number) => i % 10 === 3
  await journal.append(() =>
    all
      .filter((_, i) => isDone(i))
      .map(({ action_id: id }): Draft => ({
        ...common,
        type: 'ledger.reported',
        body: { org: ORG, id, change: done },
      })),
  )
  const ids = all.filter((_, i) => isGone(i)).map(({ action_id: id }) => id)
  await journal.append(() => [{ ...common, type: 'ledger.removed', body: { org: ORG, ids } }])
  const time = ({ timestamp_start: start }: RecordedAction) => Date.parse(start)
  expected = all
    .map((action, i) => (isDone(i) ? { ...action, ...done } : action))
    .filter((_, i) => !isGone(i))
    .toReversed()
    .toSorted((a, b) => time(b) - time(a))
  reader = new LedgerReader({ journal, store })
})
afterAll(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function isFound(action: RecordedAction, query: Partial<LedgerQuery>): boolean {
  const { agent, type, status, swarm, riskMin = 0 } = query
  const pairs = [
    [agent, action.agent_id],
    [type, action.action_type],
    [status, action.status],
    [swarm, action.swarm_id],
  ]
  return (
    action.risk_score >= riskMin &&
    pairs.every(([asked, has]) => asked === undefined || asked === has)
  )
}

const AGENTS = [undefined, 'scout', 'ada/risk/5', 'date', 'nobody']
const TYPES = [undefined, 'deploy', 'none']
const STATUSES = [undefined, 'completed', 'running', 'blocked', 'what']
const SWARMS = [undefined, 'blue', 'none']
const RISKS = [undefined, 69.5, 70, 99, 100, 101, -3]
const OFFSETS = [0, 1, 499, 500, 600, 800, 1300, 2000, 2690, 2699, 2700, 5000]

const QUERIES = AGENTS.flatMap((agent) =>
  TYPES.flatMap((type) =>
    STATUSES.flatMap((status) =>
      SWARMS.flatMap((swarm) => RISKS.map((riskMin) => ({ agent, type, status, swarm, riskMin }))),
    ),
  ),
)

describe('a page of the ledger', () => {
  test('has what a query finds, in order, and what all of that adds up to', () => {
    for (const query of QUERIES) {
      const found = expected.filter((action) => isFound(action, query))
      const totals = found.reduce((sum, each) => actionTotals(sum, null, each), NO_ACTIONS)
      const { stats, actions } = reader.page(ORG, { ...query, limit: 5, offset: 2 })
      const what = JSON.stringify(query)
      expect(stats, what).toEqual(actionStats(totals))
      expect(actions, what).toEqual(found.slice(2, 7))
    }
  })

  test('is found however deep it is', () => {
    for (const agent of [undefined, 'scout', 'date'])
      for (const status of [undefined, 'completed', 'failed'])
        for (const offset of OFFSETS) {
          const found = expected.filter((action) => isFound(action, { agent, status }))
          const { actions } = reader.page(ORG, { agent, status, limit: 4, offset })
          const ids = (of: readonly RecordedAction[]) => of.map(({ action_id: id }) => id)
          expect(ids(actions), `${agent} ${status} ${offset}`).toEqual(
            ids(found.slice(offset, offset + 4)),
          )
        }
  })

  test('is found too where an agent acts in a year of five digits', async () => {
    const late = { ...actionAt(-1), action_id: 'late', timestamp_start: '+012026-01-01T00:00:00Z' }
    await record.journal.append(() => [recorded(late)])
    const { actions } = reader.page(ORG, { limit: 1, offset: 601 })
    expect(actions).toEqual([expected[600]])
  })
})

test('no query reads more rows than it shows', () => {
  const { store } = record
  const seen: string[] = []
  const prepare = store.prepare.bind(store)
  const watching = new LedgerReader({
    journal: record.journal,
    store: Object.assign(Object.create(store) as typeof store, {
      prepare: (sql: string) => {
        if (sql.includes('FROM ledger')) seen.push(sql)
        return prepare(sql)
      },
    }),
  })
  for (const query of QUERIES.slice(0, 400)) {
    seen.length = 0
    watching.page(ORG, { ...query, limit: 5 })
    for (const sql of seen.filter((each) => each.includes('@org'))) {
      const plan = prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all({ ...query, org: ORG, limit: 5, offset: 0 })
        .map(({ detail }) => detail)
        .join('; ')
      const what = `${sql}: ${plan}`
      expect(plan, what).toMatch(/USING (COVERING )?INDEX/)
      // Sums are of indexes that have all of it, and pages come out of theirs in their order.
      if (sql.includes('GROUP BY')) expect(plan, what).toMatch(/_and_risk_and_cost/)
      else if (!sql.includes('INDEXED BY'))
        expect(plan, what).not.toMatch(/TEMP B-TREE FOR (?!LAST TERM)/)
    }
  }
})
