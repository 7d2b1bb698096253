import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascending,
  clamp,
  meanOf,
  medianOf,
  quantile,
  ratio,
  roundTo,
  sampleDeviation,
  slopeOf,
  wholeScore,
} from '../../../src/domain/governance/statistics.ts'
import { sinceTime, utcDate } from '../../../src/domain/governance/times.ts'

describe('numbers', () => {
  test('by hand', () => {
    expect(quantile([10, 20, 30, 40], 0.25)).toBe(17.5)
    expect(quantile([7], 0.9)).toBe(7)
    expect(quantile([], 0.5)).toBeNull()
    expect(medianOf([3, 1, 2, 10])).toBe(2.5)
    expect(sampleDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138, 3)
    expect(sampleDeviation([3])).toBe(0)
    expect(slopeOf([1, 3, 5])).toBe(2)
    expect(slopeOf([1, 3, 2])).toBe(0.5)
    expect(slopeOf([4])).toBe(0)
    expect([roundTo(1.2345, 2), roundTo(-0.001, 2), roundTo(2.5, 0)]).toEqual([1.23, 0, 3])
    expect([wholeScore(-4), wholeScore(49.5), wholeScore(1e9), wholeScore(Number.NaN)]).toEqual([
      0, 50, 100, 0,
    ])
    expect([ratio(1, 4), ratio(3, 0), meanOf([])]).toEqual([0.25, 0, 0])
  })

  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })
  const part = fc.double({ min: 0, max: 1, noNaN: true })

  test('a quantile lies between the least and the greatest, and grows', () => {
    fc.assert(
      fc.property(numbers, part, part, (values, one, other) => {
        const sorted = ascending(values)
        const [low, high] = ascending([one, other]).map((each) => quantile(sorted, each) as number)
        expect(low).toBeGreaterThanOrEqual(sorted[0] as number)
        expect(high).toBeLessThanOrEqual(sorted.at(-1) as number)
        expect(low).toBeLessThanOrEqual((high as number) + 1e-6)
      }),
    )
  })

  test('a clamped number is within its bounds', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const clamped = clamp(value, -1, 1)
        expect(clamped >= -1 && clamped <= 1).toBe(true)
      }),
    )
  })
})

test('times that are none, or lie ahead, were just now', () => {
  const now = Date.parse('2026-06-15T23:59:59.999Z')
  expect(sinceTime('2026-06-15T23:59:58.999Z', now)).toBe(1000)
  expect([sinceTime(null, now), sinceTime('soon', now), sinceTime('2027-01-01', now)]).toEqual([
    0, 0, 0,
  ])
  expect(utcDate(now)).toBe('2026-06-15')
})
