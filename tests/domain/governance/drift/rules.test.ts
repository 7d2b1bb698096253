import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  detectDrift,
  driftBaseline,
  driftSnapshot,
  driftValues,
  worstDrift,
} from '../../../../src/domain/governance/drift/rules.ts'
import { ledgerAction } from '../action.ts'

test('a baseline, computed by hand', () => {
  expect(driftBaseline([10, 20, 30, 40])).toBeUndefined()
  const baseline = driftBaseline([50, 10, 40, 20, 30])
  expect(baseline).toMatchObject({
    sample_count: 5,
    mean: 30,
    stddev: 15.811,
    median: 30,
    p5: 12,
    p25: 20,
    p75: 40,
    p95: 48,
    min: 10,
    max: 50,
  })
  expect(baseline?.distribution).toHaveLength(10)
  expect(baseline?.distribution.map(({ count }) => count)).toEqual([1, 0, 1, 0, 0, 1, 0, 1, 0, 1])
  expect(baseline?.distribution[0]).toEqual({ from: 10, to: 14, count: 1 })
  expect(baseline?.distribution[9]).toEqual({ from: 46, to: 50, count: 1 })
  expect(driftBaseline([7, 7, 7, 7, 7])?.distribution).toEqual([{ from: 7, to: 7, count: 5 }])
})

test('a histogram holds every value', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 5 })
  fc.assert(
    fc.property(values, (given) => {
      const baseline = driftBaseline(given)
      const held = baseline?.distribution.reduce((sum, { count }) => sum + count, 0)
      expect(held).toBe(given.length)
      expect(baseline?.p25).toBeLessThanOrEqual(baseline?.p75 as number)
    }),
  )
})

describe('drift', () => {
  const subject = { agentId: 'scout', metric: 'risk_score' } as const
  const baseline = { mean: 30, stddev: 10 }
  test.each([
    [[30, 30], undefined],
    [[44, 44, 44], undefined],
    [[45, 45, 45], { severity: 'info', z_score: 1.5, direction: 'increasing', pct_change: 50 }],
    [[50, 50, 50], { severity: 'warning', z_score: 2 }],
    [[0, 0, 0], { severity: 'critical', z_score: -3, direction: 'decreasing', pct_change: -100 }],
  ])('of %j', (current, finding) => {
    const found = detectDrift(subject, baseline, current)
    if (finding === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject({ ...finding, drift_type: 'shift', agent_id: 'scout' })
  })

  test('from values that never varied', () => {
    const still = { mean: 30, stddev: 0 }
    expect(detectDrift(subject, still, [30, 30, 30])).toBeUndefined()
    expect(detectDrift(subject, still, [31, 31, 31])).toMatchObject({
      severity: 'critical',
      z_score: 999,
    })
    expect(detectDrift(subject, { mean: 0, stddev: 0 }, [1, 1, 1])?.pct_change).toBe(100)
  })
})

test('values are grouped by agent_id, which actions always have', () => {
  const action = (over: object) => ({ ...ledgerAction(), learning_score: null, ...over })
  const actions = [
    action({ agent_id: 'a', duration_ms: 0, tokens_in: 3 }),
    action({ agent_id: 'a', duration_ms: 5, tokens_out: 4, risk_score: 0 }),
    action({ agent_id: 'b', duration_ms: null, learning_score: 70 }),
  ]
  const of = (metric: Parameters<typeof driftValues>[1]) =>
    Object.fromEntries(driftValues(actions, metric))
  expect(of('duration_ms')).toEqual({ a: [5], b: [] })
  expect(of('tokens_total')).toEqual({ a: [3, 4], b: [] })
  expect(of('risk_score')).toEqual({ a: [40, 0], b: [40] })
  expect(of('learning_score')).toEqual({ a: [], b: [70] })
  const many = Array.from({ length: 60 }, (_, i) => action({ agent_id: `a${i}` }))
  expect(driftValues(many, 'risk_score').size).toBe(50)
})

test('a snapshot, and the worst of severities', () => {
  expect(driftSnapshot([])).toBeUndefined()
  expect(driftSnapshot([1, 2, 3])).toEqual({ mean: 2, stddev: 1, sample_count: 3 })
  expect(worstDrift(['info', 'warning'])).toBe('warning')
  expect(worstDrift([])).toBeNull()
})
