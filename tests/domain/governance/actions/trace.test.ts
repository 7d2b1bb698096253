import { describe, expect, test } from 'vitest'
import { graphOf } from '../../../../src/domain/governance/actions/graph.ts'
import { parentChain, relatedActions } from '../../../../src/domain/governance/actions/relations.ts'
import { traceOf } from '../../../../src/domain/governance/actions/trace.ts'
import type { LedgerRow } from '../../../../src/domain/governance/types.ts'
import { assumption, before, ledgerAction, openLoop } from '../action.ts'

const byId = (actions: LedgerRow[]) => new Map(actions.map((each) => [each.action_id, each]))

describe('parents', () => {
  test('end where they would go round', () => {
    const a = ledgerAction({ action_id: 'a', parent_action_id: 'b' })
    const b = ledgerAction({ action_id: 'b', parent_action_id: 'c' })
    const c = ledgerAction({ action_id: 'c', parent_action_id: 'a' })
    expect(parentChain(a, byId([a, b, c]))).toEqual([b, c])
    const self = ledgerAction({ action_id: 's', parent_action_id: 's' })
    expect(parentChain(self, byId([self]))).toEqual([])
  })

  test('are at most ten', () => {
    const line = Array.from({ length: 15 }, (_, i) =>
      ledgerAction({ action_id: `a${i}`, parent_action_id: `a${i + 1}` }),
    )
    expect(parentChain(line[0] as LedgerRow, byId(line))).toHaveLength(10)
  })
})

describe('related actions', () => {
  const root = ledgerAction({ action_id: 'root', systems_touched: ['db', 'Mail'] })
  const near = (over: Partial<LedgerRow>) => ledgerAction({ action_id: 'o', ...over })

  test.each<[string, Partial<LedgerRow>, boolean]>([
    ['same agent', {}, true],
    ['same agent, exactly an hour apart', { timestamp_start: before(0) }, true],
    ['same agent, later', { timestamp_start: before(-1) }, false],
    ['other agent', { agent_id: 'b' }, false],
    ['same systems in another order', { agent_id: 'b', systems_touched: ['mail', 'db'] }, true],
    ['some of the systems', { agent_id: 'b', systems_touched: ['db'] }, false],
    ['a sub-action', { parent_action_id: 'root' }, false],
    ['no time', { timestamp_start: 'soon' }, false],
  ])('%s', (_, over, related) => {
    expect(relatedActions(root, [root, near(over)])).toHaveLength(related ? 1 : 0)
  })

  test('two without systems have none in common', () => {
    expect(relatedActions(ledgerAction({}), [near({ agent_id: 'b' })])).toEqual([])
  })

  test('are at most twenty, the nearest first', () => {
    const others = Array.from({ length: 30 }, (_, i) =>
      ledgerAction({ action_id: `o${i}`, timestamp_start: before(3_600_000 + (30 - i) * 1000) }),
    )
    const found = relatedActions(root, others)
    expect(found).toHaveLength(20)
    expect(found[0]?.action_id).toBe('o29')
  })
})

const surroundings = () => {
  const parent = ledgerAction({ action_id: 'p', status: 'failed', error_message: 'no disk' })
  return {
    action: ledgerAction({ parent_action_id: 'p' }),
    assumptions: [
      assumption({ invalidated: true }),
      assumption({ assumption_id: 'asm_2', validated: true }),
      assumption({ assumption_id: 'asm_3' }),
    ],
    loops: [openLoop(), openLoop({ loop_id: 'loop_2', status: 'resolved' })],
    ancestors: byId([parent]),
    subActions: [ledgerAction({ action_id: 'sub', parent_action_id: 'act_1' })],
    neighbours: [
      ledgerAction({ action_id: 'r1', status: 'failed' }),
      ledgerAction({ action_id: 'r2' }),
    ],
  }
}

test('a trace counts what belongs to an action, and hints at causes', () => {
  const trace = traceOf(surroundings())
  expect(trace.assumptions).toMatchObject({
    total: 3,
    validated: 1,
    invalidated: 1,
    unvalidated: 1,
  })
  expect(trace.loops).toMatchObject({ total: 2, open: 1, resolved: 1, cancelled: 0 })
  expect(trace.root_cause_indicators.map((each) => [each.type, each.severity, each.count])).toEqual(
    [
      ['invalidated_assumptions', 'high', 1],
      ['unresolved_loops', 'medium', 1],
      ['parent_failures', 'high', 1],
      ['related_failures', 'medium', 1],
    ],
  )
  expect(trace.root_cause_indicators[2]?.detail).toEqual([
    { action_id: 'p', action_type: 'build', error_message: 'no disk' },
  ])
})

test('a graph has every node once, and edges only between its nodes', () => {
  const given = surroundings()
  const graph = graphOf({ ...given, subActions: [...given.subActions, ...given.subActions] })
  const ids = graph.nodes.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(10)
  expect(graph.rootActionId).toBe('act_1')
  for (const edge of graph.edges)
    expect(ids).toEqual(expect.arrayContaining([edge.source, edge.target]))
  expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(graph.edges.length)
  expect(graph.edges.map(({ type, source, target }) => [type, source, target])).toContainEqual([
    'parent_child',
    'action:p',
    'action:act_1',
  ])
  expect(graph.nodes.filter(({ isRoot }) => isRoot === true)).toHaveLength(1)
  expect(graph.nodes.find(({ id }) => id === 'assumption:asm_1')?.status).toBe('invalidated')
})
