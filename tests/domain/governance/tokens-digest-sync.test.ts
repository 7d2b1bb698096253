import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { governanceDigest } from '../../../src/domain/governance/digest/rules.ts'
import { SYNC_CAPS, syncPlan, syncTotals } from '../../../src/domain/governance/sync/rules.ts'
import {
  modelPrice,
  storedCost,
  storedTokens,
  tokenCost,
} from '../../../src/domain/governance/tokens/rules.ts'
import { actionTotals, NO_ACTIONS } from '../../../src/domain/governance/actions/stats.ts'
import { tokenSums } from '../../../src/domain/governance/tokens/sums.ts'
import { ledgerAction } from './action.ts'

describe('tokens cost', () => {
  test.each<[string | null, number, number]>([
    ['claude-opus-4', 15, 75],
    ['Claude-Sonnet-4', 3, 15],
    ['claude-3-5-haiku', 0.8, 4],
    ['gpt-4.1', 2, 8],
    ['gpt-4.1-mini-2025', 0.4, 1.6],
    ['gpt-4.1-nano', 0.1, 0.4],
    ['openai/gpt-4o', 2.5, 10],
    ['gpt-4o-mini', 0.15, 0.6],
    ['codex-1', 3, 15],
    ['o3', 2, 8],
    ['o4-mini', 1.1, 4.4],
    ['gemini-2.5-pro', 1.25, 10],
    ['gemini-2.5-flash', 0.15, 0.6],
    ['llama', 15, 75],
    [null, 15, 75],
  ])('%s: %f and %f a million', (model, input, output) => {
    expect(modelPrice(model)).toEqual({ input, output })
    expect(tokenCost({ model, tokensIn: 1_000_000, tokensOut: 1_000_000 })).toBeCloseTo(
      input + output,
      6,
    )
  })

  test('what is stored is bounded, and 0 stays 0', () => {
    const none = { cost: null, model: 'gpt-4o', tokensIn: null, tokensOut: null }
    expect(storedCost(none)).toBeNull()
    expect(storedCost({ ...none, tokensIn: 1000 })).toBe(0.0025)
    expect(storedCost({ ...none, cost: 0, tokensIn: 1000 })).toBe(0)
    expect(storedCost({ ...none, cost: 1e9 })).toBe(10_000)
    expect(storedCost({ ...none, cost: -1 })).toBe(0)
    expect([storedTokens(null), storedTokens(1.6), storedTokens(1e12), storedTokens(-5)]).toEqual([
      null,
      2,
      10_000_000,
      0,
    ])
  })

  test('adds up over a day, of an agent and of all', () => {
    const usage = { tokens_in: 1000, tokens_out: 100, estimated_cost: 0.0035 }
    const row = { ...usage, agent_id: 'scout', created_at: '2026-06-15T23:59:59.000Z' }
    const groups = tokenSums(row)
    expect(groups.map(({ of }) => of)).toEqual([
      [],
      ['agent', 'scout'],
      ['day', '2026-06-15'],
      ['agent', 'scout', 'day', '2026-06-15'],
    ])
    const sums = { snapshots: 1, tokens_in: 1000, tokens_out: 100, cost: 0.0035 }
    for (const group of groups) expect(group.sums).toEqual(sums)
  })

  test('more for more tokens', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (...[model, a, b, more]) => {
        expect(tokenCost({ model, tokensIn: a + more, tokensOut: b })).toBeGreaterThanOrEqual(
          tokenCost({ model, tokensIn: a, tokensOut: b }),
        )
      }),
    )
  })
})

describe('a digest', () => {
  const none = { total: 0, items: [] }
  const nothing = {
    decisions: none,
    lessons: none,
    content: none,
    ideas: none,
    interactions: none,
    goals: none,
  }

  test('counts all and shows the newest', () => {
    const actions = Array.from({ length: 25 }, (_, i) =>
      ledgerAction({ status: i % 5 === 0 ? 'failed' : 'completed', risk_score: i }),
    )
    const goals = Array.from({ length: 12 }, (_, i) => i)
    const digest = governanceDigest(
      { date: '2026-06-15', agentId: null },
      {
        actions: {
          total: actions.length,
          items: actions,
          totals: actions.reduce((sum, each) => actionTotals(sum, null, each), NO_ACTIONS),
        },
        others: { ...nothing, goals: { total: goals.length, items: goals } },
      },
    )
    expect(digest.digest.actions).toMatchObject({
      total: 25,
      completed: 20,
      failed: 5,
      avg_risk: 12,
    })
    expect(digest.digest.actions.items).toHaveLength(20)
    expect(digest.digest.goals).toEqual({ total: 12, items: goals.slice(0, 10) })
    expect(digest.summary).toEqual({
      total_activities: 37,
      action_count: 25,
      decision_count: 0,
      lesson_count: 0,
      content_count: 0,
      idea_count: 0,
      interaction_count: 0,
      goal_count: 12,
    })
  })
})

describe('a sync', () => {
  const plan = (body: Record<string, unknown>) => {
    const read = syncPlan(body)
    return 'categories' in read ? Object.fromEntries(read.categories) : read.problems
  }

  test('takes decisions as learning, records actions, and leaves out what it does not know', () => {
    const body = {
      learning: [1],
      decisions: [2],
      actions: [3],
      goals: null,
      other: 4,
      agent_id: 'a',
    }
    expect(plan(body)).toEqual({ learning: [1, 2], actions: [3] })
    expect(plan({ toString: [1], __proto__: [1] })).toEqual({})
  })

  test.each<[Record<string, unknown>, RegExp]>([
    [{ goals: {} }, /goals must be a list/],
    [{ memory: [] }, /memory must be an object/],
    [{ preferences: { moods: 'x' } }, /preferences\.moods must be a list/],
    [{ goals: Array(2001).fill(0) }, /goals: at most 2000/],
    [{ learning: Array(1500).fill(0), decisions: Array(501).fill(0) }, /learning: at most 2000/],
    [{ preferences: { moods: Array(1001).fill(0) } }, /preferences\.moods: at most 1000/],
  ])('%# is refused', (body, why) => {
    expect(plan(body)).toEqual([expect.stringMatching(why)])
  })

  test('takes as much as the caps say', () => {
    for (const [category, cap] of Object.entries(SYNC_CAPS)) {
      const list = Array(cap).fill(0)
      const parts: Record<string, object> = {
        memory: { entities: list },
        preferences: { moods: list, approaches: null },
      }
      expect(plan({ [category]: parts[category] ?? list })).toHaveProperty(category)
    }
  })

  test('is added up', () => {
    expect(
      syncTotals({ goals: { synced: 2 }, content: { synced: 1, errors: ['x', 'y'] } }),
    ).toEqual({
      total_synced: 3,
      total_errors: 2,
    })
  })
})
