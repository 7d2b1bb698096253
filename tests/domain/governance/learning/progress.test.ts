import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  learningCurves,
  learningVelocity,
  maturityOf,
} from '../../../../src/domain/governance/learning/progress.ts'
import type { LearningEpisode } from '../../../../src/domain/governance/learning/types.ts'
import { episodeDays, learningEpisode } from './episode.ts'

const on = (day: string, score: number, over: object = {}) =>
  learningEpisode({ created_at: `${day}T10:00:00Z`, score, ...over })

const daysOf = (...episodes: LearningEpisode[]) => episodeDays(episodes)

describe('velocity', () => {
  test('is the slope of daily means', () => {
    const episodes = [
      on('2026-06-01', 40),
      on('2026-06-01', 60),
      on('2026-06-02', 55, { outcome_label: 'failure' }),
      on('2026-06-04', 60),
    ]
    expect(learningVelocity(daysOf(...episodes), 'daily')).toEqual([
      {
        agent_id: 'scout',
        period: 'daily',
        period_start: '2026-06-01',
        period_end: '2026-06-04',
        episode_count: 4,
        avg_score: 53.75,
        success_rate: 0.75,
        score_delta: 10,
        velocity: 5,
        acceleration: 5,
        maturity_score: 46.25,
        maturity_level: 'novice',
      },
    ])
  })

  test('needs three episodes in two windows; weeks begin on Monday', () => {
    const [one, two, three] = ['2026-06-01', '2026-06-07', '2026-06-08']
    expect(learningVelocity(daysOf(on(one, 1), on(three, 2)), 'daily')).toEqual([])
    expect(learningVelocity(daysOf(on(one, 1), on(two, 2), on(two, 3)), 'weekly')).toEqual([])
    const [row] = learningVelocity(daysOf(on(one, 1), on(two, 2), on(three, 3)), 'weekly')
    expect(row).toMatchObject({
      period_start: '2026-06-01',
      period_end: '2026-06-14',
      acceleration: 0,
    })
  })
})

describe('maturity', () => {
  test.each([
    [0, 0, 0, 'novice', 0],
    [10, 0.4, 40, 'developing', 28.3],
    [10, 0.39, 40, 'novice', 27.9],
    [50, 0.6, 55, 'competent', 42],
    [150, 0.75, 65, 'proficient', 54],
    [500, 0.85, 75, 'expert', 71.5],
    [1000, 0.92, 85, 'master', 92.3],
    [5000, 1, 60, 'competent', 88],
  ])(
    '%i episodes, %f success, score %i: %s',
    (...[episodes, successRate, averageScore, level, score]) => {
      expect(maturityOf({ episodes, successRate, averageScore })).toEqual({ level, score })
    },
  )

  test('never falls with more episodes', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), part, (n, more, successRate) => {
        const at = (episodes: number) => maturityOf({ episodes, successRate, averageScore: 80 })
        expect(at(n + more).score).toBeGreaterThanOrEqual(at(n).score)
      }),
    )
  })
})

test('curves are weeks per type of action, oldest first', () => {
  const episodes = [
    on('2026-06-09', 90, { duration_ms: 10, outcome_label: 'failure' }),
    on('2026-06-01', 40, { duration_ms: 20, cost_estimate: 0.5 }),
    on('2026-06-02', 60, { duration_ms: 40 }),
    on('2026-06-02', 60, { action_type: 'test' }),
  ]
  const curves = learningCurves(daysOf(...episodes))
  expect(curves).toHaveLength(2)
  expect(curves[0]).toEqual({
    agent_id: 'scout',
    action_type: 'build',
    window_start: '2026-06-01',
    window_end: '2026-06-07',
    episode_count: 2,
    avg_score: 50,
    success_rate: 1,
    avg_duration_ms: 30,
    avg_cost: 0.5,
    p25_score: 45,
    p75_score: 55,
  })
  expect(curves[1]).toMatchObject({ window_start: '2026-06-08', success_rate: 0, avg_cost: null })
})
