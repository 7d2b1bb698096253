import { describe, expect, test } from 'vitest'
import {
  applyFrames,
  emptyWorld,
  tableOf,
  EVENTS_KEPT,
} from '../../../src/doors/console/store/world.ts'
import { makeStore, setUi, setWorld } from '../../../src/doors/console/store/store.ts'
import { loadTheme } from '../../../src/doors/console/theme/load.ts'
import { makePainter } from '../../../src/doors/console/theme/theme.ts'
import type { RuleRow } from '../../../src/domain/rules/types.ts'
import { aRule, learnedFleet } from '../../support/fake-rules.ts'
import { fleet } from '../../support/fake-fleet.ts'
import { FakeLink } from '../../support/fake-link.ts'
import { anAgent, anApproval, anEvent } from '../../support/fake-rows.ts'

const whole = () => ({ kind: 'world' as const, world: new FakeLink(fleet()).world_ })
const ask = (id: string, score: number) => ({
  kind: 'delta' as const,
  seq: 0,
  events: [],
  rows: [{ noun: 'approval' as const, id, row: anApproval(id, { risk: { score, factors: [] } }) }],
})
const newStore = () =>
  makeStore({
    columns: 100,
    rows: 30,
    now: 0,
    painter: makePainter(loadTheme('dark', ''), 'none'),
    demo: false,
  })

describe('the mirror', () => {
  test('the most urgent comes first, and only what is pending waits', () => {
    const world = applyFrames(emptyWorld(), [whole(), ask('apr_9', 99)])
    expect(world.waiting).toEqual(['apr_9', 'apr_1', 'apr_2', 'apr_3'])
    const decided = applyFrames(world, [
      {
        kind: 'delta',
        seq: 0,
        events: [],
        rows: [{ noun: 'approval', id: 'apr_9', row: anApproval('apr_9', { state: 'denied' }) }],
      },
    ])
    expect(decided.waiting).toEqual(['apr_1', 'apr_2', 'apr_3'])
  })
  test('rules that need a look come first, then leases, then policies; a mere use moves nothing', () => {
    const world = applyFrames(emptyWorld(), [
      { kind: 'world' as const, world: new FakeLink(learnedFleet()).world_ },
    ])
    expect(world.ruleOrder).toEqual([
      'rule:policy_s1',
      'rule:policy_c1',
      'rule:policy_c2',
      'rule:policy_c3',
      'rule:policy_k1',
      'rule:policy_k2',
      'rule:policy_h1',
      'lease:lea_1',
      'policy:pol_1',
      'policy:pol_2',
      'policy:pol_3',
    ])
    const known = tableOf(world, 'rule').get('policy_k1') as RuleRow
    const used = applyFrames(world, [
      {
        kind: 'delta',
        seq: 0,
        events: [],
        rows: [{ noun: 'rule', id: known.id, row: { ...known, uses: 45 } }],
      },
    ])
    expect(tableOf(used, 'rule').get('policy_k1')?.uses).toBe(45)
    expect(used.ruleOrder).toBe(world.ruleOrder)
    const gone = applyFrames(used, [
      { kind: 'delta', seq: 0, events: [], rows: [{ noun: 'rule', id: known.id, row: null }] },
    ])
    expect(gone.ruleOrder).not.toContain('rule:policy_k1')
  })
  test('what did not change stays the same object', () => {
    const world = applyFrames(emptyWorld(), [whole()])
    const next = applyFrames(world, [ask('apr_9', 1)])
    expect([next.rows.agent, next.agentOrder, next.events, next.rows.policy]).toEqual([
      world.rows.agent,
      world.agentOrder,
      world.events,
      world.rows.policy,
    ])
    expect(next.rows.agent).toBe(world.rows.agent)
    expect(next.agentOrder).toBe(world.agentOrder)
    expect(next.events).toBe(world.events)
  })
  test('an event that was already seen is not shown twice, and the ring is bounded', () => {
    const world = applyFrames(emptyWorld(), [whole()])
    const again = applyFrames(world, [
      {
        kind: 'delta',
        seq: 18_402,
        events: [anEvent(18_402, { type: 'agent.started' })],
        rows: [],
      },
    ])
    expect(again.events).toHaveLength(world.events.length)
    const many = Array.from({ length: EVENTS_KEPT + 50 }, (_, i) =>
      anEvent(20_000 + i, { type: 'agent.started' }),
    )
    expect(
      applyFrames(world, [{ kind: 'delta', seq: 99_999, events: many, rows: [] }]).events,
    ).toHaveLength(EVENTS_KEPT)
  })
  test('after a lag a whole world replaces everything', () => {
    const world = applyFrames(emptyWorld(), [
      whole(),
      ask('apr_9', 99),
      { kind: 'lagged', missed: 4 },
      whole(),
    ])
    expect(world.waiting).not.toContain('apr_9')
  })
})

describe('cursors', () => {
  test('stay with their row when a more urgent one arrives above', () => {
    const store = newStore()
    setWorld(store, applyFrames(store.getState().world, [whole()]), 1)
    expect(store.getState().ui.cursor.approvals).toBe('apr_1')
    setWorld(store, applyFrames(store.getState().world, [ask('apr_9', 99)]), 2000)
    expect(store.getState().ui.cursor.approvals).toBe('apr_1')
    expect(store.getState().ui.shiftedAt.approvals).toBe(0)
  })
  test('go to the next row when theirs goes away, and remember when', () => {
    const store = newStore()
    setWorld(store, applyFrames(store.getState().world, [whole()]), 1)
    setUi(store, (ui) => ({
      cursor: { ...ui.cursor, approvals: 'apr_2' },
      marks: { ...ui.marks, approvals: ['apr_2', 'apr_3'] },
    }))
    setWorld(
      store,
      applyFrames(store.getState().world, [
        { kind: 'delta', seq: 0, events: [], rows: [{ noun: 'approval', id: 'apr_2', row: null }] },
      ]),
      2000,
    )
    expect(store.getState().ui.cursor.approvals).toBe('apr_3')
    expect(store.getState().ui.shiftedAt.approvals).toBe(2000)
    expect(store.getState().ui.marks.approvals).toEqual(['apr_3'])
  })
  test('agents come in the order of who needs the operator; one that no more does sinks a while later', () => {
    const change = (name: string, asking: number) => ({
      kind: 'delta' as const,
      seq: 0,
      events: [],
      rows: [{ noun: 'agent' as const, id: name, row: anAgent(name, { asking }) }],
    })
    const first = applyFrames(emptyWorld(), [whole(), change('aaa', 0)], 1000)
    expect(first.agentOrder).toEqual(['backend', 'scout', 'legacy', 'aaa', 'reviewer', 'ops'])
    const risen = applyFrames(first, [change('aaa', 1)], 2000)
    expect(risen.agentOrder).toEqual(['aaa', 'backend', 'scout', 'legacy', 'reviewer', 'ops'])
    const sunk = applyFrames(risen, [change('aaa', 0)], 3000)
    expect(sunk.agentOrder).toBe(risen.agentOrder)
    expect(applyFrames(sunk, [{ kind: 'pulse' }], 5000).agentOrder).toEqual(first.agentOrder)
  })
})

describe('a cursor that nobody put anywhere', () => {
  test('stays at the top of the policies pane while rules come in above it; one that was put stays with its row', () => {
    const store = newStore()
    setWorld(store, applyFrames(store.getState().world, [whole()]), 1)
    expect(store.getState().ui.cursor.policies).toBe('lease:lea_1')
    setWorld(
      store,
      applyFrames(store.getState().world, [
        {
          kind: 'delta',
          seq: 0,
          events: [],
          rows: [{ noun: 'rule', id: 'policy_1', row: aRule('policy_1') }],
        },
      ]),
      2,
    )
    expect(store.getState().ui.cursor.policies).toBe('rule:policy_1')
    setUi(store, { focus: 'policies' })
    setWorld(
      store,
      applyFrames(store.getState().world, [
        {
          kind: 'delta',
          seq: 0,
          events: [],
          rows: [{ noun: 'rule', id: 'policy_2', row: aRule('policy_2', { status: 'suspended' }) }],
        },
      ]),
      3,
    )
    expect(store.getState().ui.cursor.policies).toBe('rule:policy_1')
  })
})
