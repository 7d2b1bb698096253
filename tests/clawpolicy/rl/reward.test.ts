import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRewardModel, writeRewardModel } from '../../../src/clawpolicy/rl/files.ts'
import {
  EMPTY_REWARD_HISTORY,
  recordReward,
  historicalPreferences,
} from '../../../src/clawpolicy/rl/online.ts'
import {
  REWARD_SIGNALS,
  freshRewardModel,
  computeReward,
  signalScore,
  type RewardContext,
  type RewardModel,
  type RewardSignal,
} from '../../../src/clawpolicy/rl/reward.ts'

const FULL: RewardContext = {
  taskType: 'T2',
  agent: 'claude',
  workflow: 'tdd',
  task: { duration: 300 },
  tests: { coverage: 85, failed: 1 },
  code: { complexity: 3, duplication: 0.05, lintScore: 0.9 },
  feedback: { codeAdoption: 0.9, accepted: true, rating: 4, positiveComments: 2, revisions: 1 },
}

function after(count: number, context: RewardContext = {}): RewardModel {
  return Array.from({ length: count }).reduce<RewardModel>(
    (model) => computeReward(model, context).model,
    freshRewardModel(),
  )
}

describe('reward', () => {
  test.each([
    ['a full task, early', freshRewardModel(), FULL, 0.8495056497175141],
    ['a full task, mature', freshRewardModel('mature'), FULL, 0.8483988355167397],
    ['nothing known, early', freshRewardModel(), {}, 0.753177966101695],
    ['nothing known, as the 21st', after(20), {}, 0.7141509433962264],
  ])('%s', (_, model, context, expected) =>
    expect(computeReward(model, context).reward).toBeCloseTo(expected, 12),
  )

  const scores: [RewardSignal, RewardContext, number][] = [
    ['test_coverage', { task: { testFilesCreated: true } }, 0.5],
    ['test_coverage', { task: { testFilesCreated: true, testsPassed: true } }, 0.8],
    ['test_coverage', { tests: { coverage: 120 } }, 1],
    ['bug_count', { tests: { failed: 2 }, task: { errors: 3 } }, 0.5],
    ['bug_count', { task: { errors: 99 } }, 0],
    ['acceptance_rate', { feedback: { revisions: 2 } }, 0.6],
    ['acceptance_rate', { feedback: { revisions: 9 } }, 0],
    ['acceptance_rate', { feedback: { accepted: false } }, 0],
    ['adoption_rate', { feedback: { committed: false } }, 0],
    ['rewrite_rate', { feedback: { revisions: 9 } }, 0],
    ['rewrite_rate', { feedback: { rewritePercentage: 0.25 } }, 0.75],
    ['user_rating', { feedback: { accepted: false } }, 0.25],
    ['user_rating', {}, 0.75],
    ['feedback_count', { feedback: { positiveComments: 1, negativeComments: 4 } }, 0.5],
    ['agent_preference', { taskType: 'T4', agent: 'codex' }, 0.95],
    ['agent_preference', { taskType: 'T4' }, 0.5],
    ['workflow_preference', { workflow: 'test_first' }, 0.85],
    ['code_quality', { code: { complexity: 100 } }, 0],
    ['task_time', { task: { duration: NaN } }, 1],
  ]
  test.each(scores)('%s of %j', (signal, context, expected) =>
    expect(signalScore(signal, context)).toBeCloseTo(expected, 12),
  )

  test('learned preferences replace the assumed ones', () => {
    const learnt = historicalPreferences(
      recordReward(
        recordReward(
          EMPTY_REWARD_HISTORY,
          { taskType: 'T2', agent: 'claude', workflow: 'tdd' },
          0.2,
        ),
        { taskType: 'T2', agent: 'claude', workflow: 'tdd' },
        7,
      ),
    )
    expect(signalScore('agent_preference', FULL, learnt)).toBe(0.6)
    expect(signalScore('workflow_preference', FULL, learnt)).toBe(0.6)
    expect(signalScore('agent_preference', { ...FULL, agent: 'codex' }, learnt)).toBe(0.5)
  })

  test('the phase changes with the twentieth reward', () => {
    expect([after(19).phase, after(20).phase, after(40).signals.test_coverage.weight]).toEqual([
      'early',
      'mature',
      after(20).signals.test_coverage.weight,
    ])
  })

  test.each([
    [{ rating: 2 }, 1],
    [{ rating: 1 }, 1],
    [{ rating: 3 }, 0],
    [{ rating: 0 }, 0],
    [{ correction: 'no' }, 1],
    [{ correction: '' }, 0],
  ])('feedback %j: %i complaints', (feedback, count) => {
    const fresh = freshRewardModel()
    const { model } = computeReward(fresh, { feedback })
    expect(model.negativeFeedbackCount).toBe(count)
    expect(model.signals.user_rating.weight > fresh.signals.user_rating.weight).toBe(count === 1)
    expect(model.signals.agent_preference.weight < fresh.signals.agent_preference.weight).toBe(
      count === 1,
    )
  })

  test('weights sum to one and rewards stay within 0 and 1, whatever happens', () => {
    const number = fc.oneof(fc.double(), fc.integer())
    const context: fc.Arbitrary<RewardContext> = fc.record(
      {
        task: fc.record({ duration: number, errors: number }),
        tests: fc.record({ coverage: number, failed: number }),
        code: fc.record({ complexity: number, duplication: number, lintScore: number }),
        feedback: fc.record(
          { revisions: number, rating: number, codeAdoption: number, correction: fc.string() },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(context, { maxLength: 30 }), (contexts) => {
        const end = contexts.reduce<RewardModel>(
          (model, one) => computeReward(model, one).model,
          freshRewardModel(),
        )
        expect(end.rewards.every((reward) => reward >= 0 && reward <= 1)).toBe(true)
        expect(
          REWARD_SIGNALS.reduce((sum, signal) => sum + end.signals[signal].weight, 0),
        ).toBeCloseTo(1, 9)
      }),
    )
  })

  test('its file reads back the same', () => {
    const model = computeReward(after(20), { feedback: { rating: 1 } }).model
    expect(readRewardModel(writeRewardModel(model))).toEqual(model)
  })
})
