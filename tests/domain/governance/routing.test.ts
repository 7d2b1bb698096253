import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  agentSkills,
  isTaskOverdue,
  loadAfter,
  routeTask,
  taskAfter,
  type RoutedTask,
  type RoutingAgent,
} from '../../../src/domain/governance/routing/rules.ts'

const agent = (id: string, over: Partial<RoutingAgent> = {}): RoutingAgent => ({
  id,
  name: id.toUpperCase(),
  status: 'available',
  current_load: 0,
  max_concurrent: 4,
  capabilities: [],
  ...over,
})
const task = (over: Partial<RoutedTask> = {}): RoutedTask => ({
  required_skills: ['ts', 'sql'],
  urgency: 'normal',
  ...over,
})
const none = () => ({ completed: 0, failed: 0 })
const skills = (...names: string[]) => ({
  capabilities: names.map((skill) => ({ skill, priority: 8 })),
})

describe('a task goes', () => {
  test.each<[string, RoutedTask, RoutingAgent, number]>([
    // 40·1/2 + 20·1 + 12.5 + 15·8/20
    ['half the skills', task(), agent('a', skills('ts')), 58.5],
    // 40 + 20·0.5 + 12.5 + 15·16/20
    ['half loaded', task(), agent('a', { ...skills('ts', 'sql'), current_load: 2 }), 74.5],
    ['critical, idle', task({ urgency: 'critical' }), agent('a', skills('ts', 'sql')), 94.5],
    [
      'critical, at work',
      task({ urgency: 'critical' }),
      agent('a', { ...skills('ts', 'sql'), current_load: 1 }),
      79.5,
    ],
    ['no skills wanted', task({ required_skills: [] }), agent('a'), 1],
    [
      'a skill named twice',
      task({ required_skills: ['ts', 'ts'] }),
      agent('a', skills('ts')),
      84.5,
    ],
  ])('%s', (_, wanted, one, score) => {
    expect(routeTask(wanted, [one], none)).toMatchObject({
      status: 'assigned',
      agent_id: 'a',
      score,
    })
  })

  test('by what became of such tasks', () => {
    const record = (_: string, skill: string) =>
      skill === 'ts' ? { completed: 3, failed: 1 } : { completed: 0, failed: 0 }
    // 40 + 20 + 25·3/4 + 12
    expect(routeTask(task(), [agent('a', skills('ts', 'sql'))], record)).toMatchObject({
      score: 90.75,
    })
  })

  test('to the best, of equals to the one with less to do', () => {
    const agents = [
      agent('b', { ...skills('ts', 'sql'), current_load: 2, max_concurrent: 4 }),
      agent('a', { ...skills('ts', 'sql'), current_load: 1, max_concurrent: 2 }),
      agent('c', skills('ts')),
    ]
    expect(routeTask(task(), agents, none)).toMatchObject({ agent_id: 'a' })
  })

  test('to nobody who is away, full or without any skill', () => {
    const agents = [
      agent('a', { ...skills('ts'), status: 'offline' }),
      agent('b', { ...skills('ts'), current_load: 4 }),
    ]
    expect(routeTask(task(), agents, none)).toEqual({
      status: 'pending',
      reason: 'No agent is available',
    })
    expect(routeTask(task(), [agent('c', skills('go'))], none)).toEqual({
      status: 'pending',
      reason: 'No available agent has any of: ts, sql',
    })
  })

  test('with no less score for more skills', () => {
    const all = ['a', 'b', 'c', 'd']
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), fc.nat(3), (has, load) => {
        const score = (names: string[]) => {
          const routing = routeTask(
            { required_skills: all, urgency: 'normal' },
            [agent('x', { ...skills(...names), current_load: load })],
            none,
          )
          return routing.status === 'assigned' ? routing.score : 0
        }
        expect(score(all)).toBeGreaterThanOrEqual(score(has))
        expect(score(all)).toBeLessThanOrEqual(110)
      }),
    )
  })
})

test('skills may be names, and their priority is within 1 to 10', () => {
  expect(
    agentSkills(['ts', { skill: 'sql', priority: 99 }, { skill: 'go', priority: null }]),
  ).toEqual([
    { skill: 'ts', priority: 5 },
    { skill: 'sql', priority: 10 },
    { skill: 'go', priority: 5 },
  ])
})

test('a task that fails is tried again, then escalated', () => {
  expect(taskAfter({ retry_count: 0, max_retries: 1 }, true).status).toBe('completed')
  expect(taskAfter({ retry_count: 0, max_retries: 1 }, false)).toEqual({
    status: 'pending',
    retry_count: 1,
  })
  expect(taskAfter({ retry_count: 1, max_retries: 1 }, false).status).toBe('escalated')
  expect([loadAfter({ current_load: 2 }), loadAfter({ current_load: 0 })]).toEqual([1, 0])
})

test('a task is overdue after its time', () => {
  const assigned = { assigned_at: '2026-06-15T12:00:00Z', timeout_seconds: 90 }
  const at = Date.parse(assigned.assigned_at)
  expect([isTaskOverdue(assigned, at + 89_999), isTaskOverdue(assigned, at + 90_000)]).toEqual([
    false,
    true,
  ])
})
