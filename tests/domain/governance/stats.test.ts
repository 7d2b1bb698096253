import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actionStats,
  actionTotals,
  NO_ACTIONS,
} from '../../../src/domain/governance/actions/stats.ts'
import {
  evaluationStats,
  evaluationSums,
} from '../../../src/domain/governance/evaluations/stats.ts'
import {
  feedbackStats,
  feedbackSums,
  type FeedbackRow,
} from '../../../src/domain/governance/feedback/stats.ts'
import { profileScoreStats } from '../../../src/domain/governance/scoring/stats.ts'
import { LEDGER_STATUSES } from '../../../src/domain/governance/types.ts'
import { ledgerAction } from './action.ts'
import { summedGroups } from './summed.ts'

describe('totals of actions', () => {
  const counted = fc.record({
    status: fc.constantFrom(...LEDGER_STATUSES),
    risk_score: fc.integer({ min: 0, max: 100 }),
    cost_estimate: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
  })

  test('by hand', () => {
    const running = ledgerAction({ status: 'running', risk_score: 70, cost_estimate: 0.1 })
    const done = { ...running, status: 'completed' as const, cost_estimate: 0.2 }
    const failed = ledgerAction({ status: 'failed', risk_score: 69 })
    const totals = [
      [null, running],
      [running, done],
      [null, failed],
    ].reduce((sum, [before, after]) => actionTotals(sum, before ?? null, after ?? null), NO_ACTIONS)
    expect(actionStats(totals)).toEqual({
      total: 2,
      completed: 1,
      failed: 1,
      running: 0,
      blocked: 0,
      high_risk: 1,
      avg_risk: 69.5,
      total_cost: 0.2,
    })
  })

  test('kept while actions change are those of the actions that are there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(counted, counted, fc.boolean())), (changes) => {
        let kept = NO_ACTIONS
        let fresh = NO_ACTIONS
        for (const [before, after, deleted] of changes) {
          kept = actionTotals(kept, null, before)
          kept = actionTotals(kept, before, deleted ? null : after)
          if (!deleted) fresh = actionTotals(fresh, null, after)
        }
        expect(actionStats(kept)).toEqual(actionStats(fresh))
      }),
    )
  })
})

test('statistics of a profile', () => {
  const score = (composite_score: number, agent_id: string | null) => ({
    composite_score,
    agent_id,
    action_id: 'act_1',
  })
  expect(profileScoreStats([score(10, 'a'), score(30, 'a'), score(20, null)])).toEqual({
    total_scores: 3,
    avg_score: 20,
    min_score: 10,
    max_score: 30,
    stddev_score: 10,
    unique_agents: 1,
    unique_actions: 1,
  })
  expect(profileScoreStats([])).toMatchObject({ total_scores: 0, avg_score: null, min_score: null })
})

test('statistics of feedback', () => {
  const row = (over: Partial<FeedbackRow>): FeedbackRow => ({
    agent_id: 'a',
    category: 'general',
    rating: null,
    sentiment: 'neutral',
    tags: [],
    resolved: false,
    ...over,
  })
  const rows = [
    row({ rating: 5, sentiment: 'positive', tags: ['ux', 'cost'] }),
    row({ rating: 2, sentiment: 'negative', tags: ['cost'], resolved: true }),
    row({ agent_id: null, category: 'bug' }),
  ]
  const groups = summedGroups(rows, feedbackSums)
  const of = (name: string) => groups.filter((group) => group.of[0] === name)
  const stats = feedbackStats({
    all: of('all')[0]?.sums ?? {},
    categories: of('all-category'),
    agents: of('agent'),
    tags: of('all-tag'),
  })
  expect(stats.overall).toEqual({
    total: 3,
    avg_rating: 3.5,
    positive: 1,
    negative: 1,
    neutral: 1,
    unresolved: 2,
  })
  expect(stats.by_category.map(({ category, total }) => [category, total])).toEqual([
    ['general', 2],
    ['bug', 1],
  ])
  expect(stats.by_agent).toHaveLength(1)
  expect(stats.rating_distribution).toEqual({ 1: 0, 2: 1, 3: 0, 4: 0, 5: 1 })
  expect(stats.top_tags).toEqual([
    { tag: 'cost', count: 2 },
    { tag: 'ux', count: 1 },
  ])
})

test('statistics of evaluations', () => {
  const row = (score: number, day: string, scorer_name = 's') => ({
    agent_id: null,
    scorer_name,
    score,
    created_at: `${day}T23:00:00Z`,
  })
  const rows = [row(1, '2026-06-02'), row(0, '2026-06-01'), row(0.5, '2026-06-01', 't')]
  const days = summedGroups(rows, evaluationSums).filter(({ of }) => of[0] === 'all')
  expect(evaluationStats(days)).toEqual({
    overall: { total: 3, avg_score: 0.5 },
    by_scorer: [
      { scorer_name: 's', total: 2, avg_score: 0.5 },
      { scorer_name: 't', total: 1, avg_score: 0.5 },
    ],
    trends: [
      { date: '2026-06-01', total: 2, avg_score: 0.25 },
      { date: '2026-06-02', total: 1, avg_score: 1 },
    ],
    distribution: [
      { bucket: 'excellent', count: 1, avg_score: 1 },
      { bucket: 'acceptable', count: 1, avg_score: 0.5 },
      { bucket: 'poor', count: 1, avg_score: 0 },
    ],
  })
})
