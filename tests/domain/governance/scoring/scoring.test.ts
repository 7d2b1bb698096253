import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calibrate } from '../../../../src/domain/governance/scoring/calibration.ts'
import {
  conditionHolds,
  readCondition,
} from '../../../../src/domain/governance/scoring/conditions.ts'
import {
  compositeScore,
  scaleScore,
  scoreBatch,
  scoreByProfile,
} from '../../../../src/domain/governance/scoring/rules.ts'
import {
  SCALE_OPERATORS,
  type ScaleStep,
  type ScoringDimension,
  type ScoringProfile,
} from '../../../../src/domain/governance/scoring/types.ts'
import {
  atPath,
  dimensionValue,
  whyNoDimension,
} from '../../../../src/domain/governance/scoring/values.ts'
import { ledgerAction } from '../action.ts'

const step = (operator: ScaleStep['operator'], value: unknown, score: number): ScaleStep => ({
  label: `${operator} ${String(value)}`,
  operator,
  value,
  score,
})

describe('a scale', () => {
  test.each<[ScaleStep[] | null, unknown, number | null, string]>([
    [[step('lt', 10, 90), step('lte', 10, 80)], 10, 80, 'lte 10'],
    [[step('gt', 10, 90), step('gte', 10, 70)], 10, 70, 'gte 10'],
    [[step('eq', 'ok', 90)], 'ok', 90, 'eq ok'],
    [[step('between', [1, 3], 60)], 3, 60, 'between 1,3'],
    [[step('between', 3, 60), step('eq', 9, 10)], 3, 10, 'default'],
    [[step('contains', 'ERR', 5)], 'some error', 5, 'contains ERR'],
    [[step('lt', 1, 90), step('lt', 2, 30)], 9, 30, 'default'],
    [[step('lt', 1, 90)], null, null, 'no_data'],
    [[step('lte', null, 90), step('gt', 0, 20)], 5, 20, 'gt 0'],
    [[step('gte', 0, 90)], true, 90, 'default'],
    [[step('contains', 'a', 90), step('eq', 'a', 80), step('lt', 9, 5)], ['a'], 5, 'default'],
    [[], 5, 50, 'unscaled'],
    [null, 5, 50, 'unscaled'],
  ])('%j of %j is %s, %s', (scale, value, score, label) => {
    expect(scaleScore(scale, value)).toEqual({ score, label })
  })
})

test('values however deep or long cost no more than others', () => {
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  for (const operator of SCALE_OPERATORS)
    expect(scaleScore([step(operator, 1, 90)], deep)).toEqual({ score: 90, label: 'default' })
  const condition = readCondition('a contains "x"')
  if ('problem' in condition) throw new Error(condition.problem)
  expect(conditionHolds(condition, { a: deep })).toBe(false)
  const long = Array.from({ length: 300_000 }, (_, i) => step('eq', -1, i + 1))
  expect(scaleScore(long, 5).score).toBe(1)
})

describe('a composite', () => {
  const of = (...pairs: [number | null, number][]) =>
    pairs.map(([score, weight]) => ({ score, weight }))
  test.each([
    ['weighted_average', of([100, 1], [50, 3]), 62.5],
    ['weighted_average', of([100, 1], [null, 9]), 100],
    ['weighted_average', of([100, 1], [50, 1], [0, 1]), 50],
    ['minimum', of([100, 1], [20, 0]), 20],
    ['geometric_mean', of([100, 1], [25, 1]), 50],
    ['geometric_mean', of([100, 1], [0, 1]), 0],
    ['weighted_average', of([null, 1]), null],
    ['weighted_average', of([90, 0]), null],
  ] as const)('%s of %j is %s', (method, dimensions, score) => {
    expect(compositeScore(method, dimensions)).toBe(score)
  })

  test('lies between the least and the greatest score', () => {
    const scores = fc.array(
      fc.record({
        score: fc.integer({ min: 0, max: 100 }),
        weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    const method = fc.constantFrom(...(['weighted_average', 'minimum', 'geometric_mean'] as const))
    fc.assert(
      fc.property(method, scores, (how, dimensions) => {
        const all = dimensions.map((each) => each.score)
        const composite = compositeScore(how, dimensions) as number
        expect(composite).toBeGreaterThanOrEqual(Math.min(...all) - 0.01)
        expect(composite).toBeLessThanOrEqual(Math.max(...all) + 0.01)
      }),
    )
  })
})

const dimension = (
  data_source: string,
  over: Partial<ScoringDimension> = {},
): ScoringDimension => ({
  id: 'sd_1',
  name: 'd',
  weight: 1,
  data_source,
  data_config: null,
  scale: null,
  ...over,
})

describe('the value of a dimension', () => {
  const field = (name: string) => ({ data_config: { field: name } })
  test.each([
    [dimension('risk_score'), { risk_score: 3 }, 3],
    [dimension('risk_score'), { risk_score: '3' }, 3],
    [dimension('risk_score'), { metadata: { risk_score: 4 } }, 4],
    [dimension('risk_score'), { risk_score: 'high' }, undefined],
    [dimension('tokens_total'), { prompt_tokens: 3, completion_tokens: 4 }, 7],
    [dimension('tokens_total'), { tokens_in: 5 }, 5],
    [dimension('tokens_total'), { metadata: { tokens_total: 9 } }, 9],
    [dimension('metadata_field', field('a.b')), { metadata: { a: { b: 'x' } } }, 'x'],
    [dimension('metadata_field', field('__proto__.x')), { metadata: {} }, undefined],
    [dimension('metadata_field', field('constructor')), { metadata: {} }, undefined],
    [dimension('custom_function'), { custom_function: 1 }, undefined],
  ])('%j of %j', (given, action, value) => {
    expect(dimensionValue(given, action)).toEqual(value)
  })

  test('custom functions are refused with a reason', () => {
    expect(whyNoDimension(dimension('custom_function'))).toMatch(/never run/)
    expect(whyNoDimension(dimension('metadata_field'))).toMatch(/field is required/)
    expect(whyNoDimension(dimension('risk_score', { weight: -1 }))).toMatch(/negative/)
    expect(whyNoDimension(dimension('risk_score', { weight: 0 }))).toBeUndefined()
  })

  test('a path leads through own fields only', () => {
    expect(atPath({ a: [{ b: 1 }] }, 'a.0.b')).toBe(1)
    expect(atPath({ a: 'text' }, 'a.length')).toBeUndefined()
    expect(atPath({}, 'toString')).toBeUndefined()
    expect(atPath({ a: 1 }, '')).toBeUndefined()
  })
})

describe('a profile', () => {
  const profile: ScoringProfile = {
    id: 'sp_1',
    name: 'speed',
    composite_method: 'weighted_average',
    dimensions: [dimension('risk_score', { scale: [step('lte', 10, 100), step('gt', 10, 40)] })],
  }

  test('scores an action, and a batch without failing all for one', () => {
    expect(scoreByProfile(profile, { action_id: 'act_1', risk_score: 5 })).toMatchObject({
      profile_id: 'sp_1',
      action_id: 'act_1',
      composite_score: 100,
      dimensions: [{ raw_value: 5, score: 100, label: 'lte 10' }],
    })
    const batch = scoreBatch(profile, [{ risk_score: 5 }, { action_id: 'b' }, { risk_score: 50 }])
    expect(batch.summary).toEqual({ total: 3, scored: 2, avg_score: 70 })
    expect(batch.results[1]).toEqual({ action_id: 'b', error: expect.stringMatching(/scored/) })
    expect(scoreBatch(profile, []).summary.avg_score).toBeNull()
  })

  test('without dimensions scores nothing', () => {
    expect(scoreByProfile({ ...profile, dimensions: null }, {})).toHaveProperty('error')
  })
})

describe('calibration', () => {
  const request = {
    actionType: null,
    lookbackDays: 30,
    metrics: ['risk_score', 'confidence'] as const,
  }
  const actions = Array.from({ length: 20 }, (_, i) =>
    ledgerAction({ risk_score: i, confidence: i }),
  )

  test('needs ten actions', () => {
    expect(calibrate(actions.slice(0, 9), request)).toMatchObject({
      status: 'insufficient_data',
      count: 9,
      suggestions: [],
    })
  })

  test('suggests scales from percentiles; for confidence, more is better', () => {
    const result = calibrate(actions, request)
    expect(result).toMatchObject({ status: 'ok', count: 20, action_type: '(all)' })
    const [risk, confidence] = 'lookback_days' in result ? result.suggestions : []
    expect(risk?.distribution).toEqual({
      p10: 2,
      p25: 5,
      p50: 10,
      p75: 15,
      p90: 18,
      min: 0,
      max: 19,
    })
    expect(
      risk?.suggested_scale.map(({ operator, value, score }) => [operator, value, score]),
    ).toEqual([
      ['lte', 5, 100],
      ['lte', 10, 75],
      ['lte', 15, 50],
      ['gt', 15, 20],
    ])
    expect(confidence?.suggested_scale.map(({ operator, value }) => [operator, value])).toEqual([
      ['gte', 15],
      ['gte', 10],
      ['gte', 5],
      ['lt', 5],
    ])
    expect([risk?.suggested_weight, confidence?.suggested_weight]).toEqual([0.3, 0.2])
  })

  test('leaves out metrics that few actions have', () => {
    const result = calibrate(actions, { ...request, metrics: ['duration_ms', 'tokens_total'] })
    expect(result.suggestions).toEqual([])
  })
})
