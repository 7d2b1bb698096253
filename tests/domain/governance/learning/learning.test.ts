import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { episodeScore, outcomeLabel } from '../../../../src/domain/governance/learning/episodes.ts'
import {
  metricsSummary,
  recommendationMetrics,
} from '../../../../src/domain/governance/learning/metrics.ts'
import {
  learnedLesson,
  recommendationsOf,
} from '../../../../src/domain/governance/learning/recommendations.ts'
import {
  guardLearning,
  outcomeEventKey,
  wantsRebuild,
} from '../../../../src/domain/governance/learning/rules.ts'
import type { LearnedRecommendation } from '../../../../src/domain/governance/learning/types.ts'
import { LEDGER_STATUSES, type LedgerRow } from '../../../../src/domain/governance/types.ts'
import { ledgerAction } from '../action.ts'
import { episodeDays, learningEpisode } from './episode.ts'

describe('the score of an episode', () => {
  test.each<[Partial<LedgerRow>, number, number, number]>([
    [{}, 0, 0, 85],
    [{ status: 'failed' }, 0, 0, 20],
    [{ status: 'cancelled' }, 0, 0, 35],
    [{ status: 'pending_approval' }, 0, 0, 47],
    [{ status: 'running' }, 0, 0, 50],
    [{ status: 'pending' }, 0, 0, 55],
    [{ risk_score: 30 }, 0, 0, 89],
    [{ risk_score: 60 }, 0, 0, 85],
    [{ risk_score: 61 }, 0, 0, 84],
    [{ risk_score: 100 }, 0, 0, 65],
    [{ reversible: false }, 0, 0, 72],
    [{ duration_ms: 60_000 }, 0, 0, 91],
    [{ duration_ms: 300_000 }, 0, 0, 88],
    [{ duration_ms: 1_800_000 }, 0, 0, 81],
    [{ duration_ms: 1_800_001 }, 0, 0, 75],
    [{ cost_estimate: 0 }, 0, 0, 89],
    [{ cost_estimate: 0.05 }, 0, 0, 89],
    [{ cost_estimate: 1 }, 0, 0, 86],
    [{ cost_estimate: 5 }, 0, 0, 81],
    [{ cost_estimate: 6 }, 0, 0, 77],
    [{ confidence: 70 }, 0, 0, 89],
    [{ status: 'failed', confidence: 80 }, 0, 0, 12],
    [{}, 2, 0, 77],
    [{}, 9, 0, 69],
    [{}, 0, 2, 81],
    [{}, 0, 9, 75],
    [{ risk_score: 0, duration_ms: 1, cost_estimate: 0, confidence: 90 }, 0, 0, 100],
  ])(
    '%j with %i invalidated and %i open is %i',
    (over, invalidatedAssumptions, openLoops, score) => {
      const action = ledgerAction(over)
      expect(episodeScore({ action, invalidatedAssumptions, openLoops })).toBe(score)
    },
  )

  test('is a whole number from 0 to 100, and no better with more left open', () => {
    const facts = fc.record({
      action: fc.record({
        status: fc.constantFrom(...LEDGER_STATUSES),
        risk_score: fc.integer({ min: 0, max: 100 }),
        reversible: fc.boolean(),
        confidence: fc.integer({ min: 0, max: 100 }),
        duration_ms: fc.option(fc.nat()),
        cost_estimate: fc.option(fc.double({ min: 0, max: 1e4, noNaN: true })),
      }),
      invalidatedAssumptions: fc.nat(20),
      openLoops: fc.nat(20),
    })
    fc.assert(
      fc.property(facts, (given) => {
        const score = episodeScore(given)
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true)
        const worse = { ...given, openLoops: given.openLoops + 1 }
        expect(episodeScore(worse)).toBeLessThanOrEqual(score)
      }),
    )
  })

  test('has a label', () => {
    expect(LEDGER_STATUSES.map(outcomeLabel).join(' ')).toBe(
      'pending success failure failure pending pending pending',
    )
  })
})

/** Ten builds: scores 10, 20 … 100, the lower half failed. */
const TEN = Array.from({ length: 10 }, (_, i) =>
  learningEpisode({
    action_id: `act_${i}`,
    score: (i + 1) * 10,
    risk_score: 100 - i * 10,
    confidence: i * 10,
    reversible: i !== 9,
    duration_ms: i === 9 ? null : 1000 * i,
    cost_estimate: i / 100,
    outcome_label: i < 5 ? 'failure' : 'success',
  }),
)

describe('a recommendation', () => {
  test('comes from the best third of enough episodes', () => {
    expect(recommendationsOf('org', TEN.slice(0, 4))).toEqual([])
    const [learned] = recommendationsOf('org', TEN)
    expect(learned).toMatchObject({
      sample_size: 10,
      top_sample_size: 4,
      success_rate: 0.5,
      avg_score: 55,
      confidence: Math.round(35 + 20 + 12.5 + 2),
      hints: {
        // Of risks 10, 20, 30, 40 and confidences 60, 70, 80, 90.
        preferred_risk_cap: 33,
        prefer_reversible: true,
        confidence_floor: 68,
        expected_duration_ms: 7000,
        expected_cost_estimate: 0.08,
      },
      active: true,
    })
  })

  test('has the same id at every rebuild, and another for another agent', () => {
    const ids = (agent_id: string) =>
      recommendationsOf(
        'org',
        TEN.map((each) => ({ ...each, agent_id })),
      ).map(({ id }) => id)
    expect(ids('a')).toEqual(ids('a'))
    expect(ids('a')).not.toEqual(ids('b'))
    expect(ids('a')[0]).toMatch(/^lrec_[0-9a-f]{24}$/)
  })

  test('says so where there is little to go by', () => {
    const few = TEN.slice(0, 5).map((each) => ({ ...each, duration_ms: null, cost_estimate: null }))
    const [learned] = recommendationsOf('org', few)
    expect(learned?.hints).toMatchObject({
      expected_duration_ms: null,
      expected_cost_estimate: null,
    })
    expect(learned?.guidance.join(' ')).toMatch(/5 episodes only.*Fewer than half/)
  })

  test('is between 35 and 95 certain', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 60 })
    fc.assert(
      fc.property(scores, fc.boolean(), (given, success) => {
        const episodes = given.map((score) =>
          learningEpisode({ score, outcome_label: success ? 'success' : 'failure' }),
        )
        const [learned] = recommendationsOf('org', episodes)
        expect(learned?.confidence).toBeGreaterThanOrEqual(35)
        expect(learned?.confidence).toBeLessThanOrEqual(95)
      }),
    )
  })

  test('reads as a lesson whose hints and guidance are there', () => {
    const [learned] = recommendationsOf('org', TEN)
    const lesson = learnedLesson(learned as LearnedRecommendation)
    expect(lesson.hints).toEqual({
      risk_cap: 33,
      prefer_reversible: true,
      confidence_floor: 68,
      expected_duration: 7000,
      expected_cost: 0.08,
    })
    expect(lesson.guidance).toMatch(/^Keep the risk at or below 33\. Prefer reversible/)
  })
})

describe('what became of a recommendation', () => {
  const learned = { id: 'lrec_1', agent_id: 'scout', action_type: 'build', active: true }
  const use = { fetched: 8, applied: 2, overridden: 2, outcomes: 2 }
  const episodes = [
    learningEpisode({ recommendation_id: 'lrec_1', duration_ms: 100, cost_estimate: 0.5 }),
    learningEpisode({ recommendation_id: 'lrec_1', duration_ms: 300 }),
    learningEpisode({ outcome_label: 'failure', score: 20, duration_ms: 500, cost_estimate: 1 }),
    learningEpisode({ score: 60 }),
  ]

  test('is compared with episodes without it', () => {
    expect(recommendationMetrics(learned, use, episodeDays(episodes))).toMatchObject({
      telemetry: { ...use, adoption_rate: 0.25 },
      outcomes: {
        applied: {
          total: 2,
          success_rate: 1,
          failure_rate: 0,
          avg_score: 80,
          avg_duration_ms: 200,
        },
        baseline: { total: 2, success_rate: 0.5, failure_rate: 0.5, avg_score: 40 },
      },
      deltas: {
        success_lift: 0.5,
        failure_reduction: 0.5,
        latency_delta_ms: -300,
        cost_delta_estimate: -0.5,
      },
    })
  })

  test.each([
    [{ fetched: 0, applied: 3, overridden: 1 }, 0.75],
    [{ fetched: 0, applied: 0, overridden: 0 }, null],
    [{ fetched: 1, applied: 3, overridden: 0 }, 1],
  ])('%j is adopted by %s', (over, rate) => {
    const metrics = recommendationMetrics(learned, { ...use, ...over }, [])
    expect(metrics.telemetry.adoption_rate).toBe(rate)
    expect(metrics.deltas.success_lift).toBeNull()
  })

  test('is summed up over those that were used', () => {
    const metrics = [
      recommendationMetrics(learned, use, episodeDays(episodes)),
      recommendationMetrics({ ...learned, active: false }, { ...use, fetched: 2 }, []),
    ]
    expect(metricsSummary(metrics)).toEqual({
      total_recommendations: 2,
      active_recommendations: 1,
      avg_adoption_rate: 0.625,
      avg_success_lift: 0.5,
    })
    expect(metricsSummary([]).avg_adoption_rate).toBe(0)
  })
})

describe('what the guard tells of it', () => {
  const nothing = {
    recent: [],
    episodes: {},
    drift: null,
    recommendations: [],
    feedback: {},
  }

  test('is left out where there is nothing', () => {
    expect(guardLearning(nothing)).toBeUndefined()
    expect(guardLearning({ ...nothing, recent: [70] })).toMatchObject({ recent_score_avg: 70 })
    expect(
      guardLearning({ ...nothing, recommendations: recommendationsOf('org', TEN) }),
    ).toMatchObject({
      recent_score_avg: null,
    })
  })

  test('has recent scores, the baseline, the worst drift, and patterns that are not empty', () => {
    expect(
      guardLearning({
        recent: Array.from({ length: 10 }, () => 90),
        episodes: { episodes: 12, score: 980, success: 12 },
        drift: 'critical',
        recommendations: recommendationsOf('org', TEN),
        feedback: { positive: 2, negative: 1, total: 4 },
      }),
    ).toEqual({
      recent_score_avg: 90,
      baseline_score_avg: 81.67,
      drift_status: 'critical',
      patterns: [expect.stringMatching(/^Keep the risk at or below 33\. /)],
      feedback_summary: '2 positive and 1 negative of 4 ratings',
    })
  })

  test('recommendations are built again after ten episodes, and of many after a part of them', () => {
    expect([wantsRebuild(9, 9), wantsRebuild(10, 10)]).toEqual([false, true])
    expect([wantsRebuild(19, 1000), wantsRebuild(20, 1000)]).toEqual([false, true])
    expect([wantsRebuild(99, 1e6), wantsRebuild(100, 1e6)]).toEqual([false, true])
    expect(outcomeEventKey('act_1')).toBe('outcome:act_1')
  })
})
