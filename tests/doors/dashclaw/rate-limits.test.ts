import { describe, expect, test } from 'vitest'
import { MonotonicClock } from '../../../src/base/clock.ts'
import { RateLimits } from '../../../src/doors/dashclaw/rate-limits.ts'
import { ManualClock } from '../../support/clock.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const MOST = 3

/** A caller that asks so often in a row: how many seconds it is told to wait each time. */
function asking(limits: RateLimits, times: number, caller = 'a'): number[] {
  return Array.from({ length: times }, () => limits.take(caller))
}

describe('the limit of requests within a minute', () => {
  test('counts each caller by itself, and says how long to wait', () => {
    const clock = new ManualClock()
    const limits = new RateLimits(clock, MOST)
    expect(asking(limits, 5)).toEqual([0, 0, 0, 60, 60])
    clock.advance(45_001)
    expect(asking(limits, 1)).toEqual([15])
    expect(asking(limits, 1, 'b')).toEqual([0])
    clock.advance(15_000)
    expect(asking(limits, 4)).toEqual([0, 0, 0, 60])
  })

  test('is none if it is 0', () => {
    expect(asking(new RateLimits(new ManualClock(), 0), 1000)).not.toContain(1)
  })

  test('refuses whoever would be one too many to remember', () => {
    const limits = new RateLimits(new ManualClock(), MOST)
    for (let i = 0; i < 10_000; i++) expect(limits.take(`key ${i}`)).toBe(0)
    expect(limits.take('another')).toBe(60)
    expect(limits.take('key 7')).toBe(0)
  })

  // Whoever sets the clock owns the machine: what counts is that nobody is locked out by it.
  test.each([
    ['a day ahead', DAY],
    ['a day back', -DAY],
    ['a second back', -1000],
  ])('holds where the clock is set %s, and locks nobody out for long', (_, jump) => {
    const machine = new ManualClock()
    const limits = new RateLimits(new MonotonicClock(machine), MOST)
    asking(limits, MOST)
    machine.jump(jump)
    const waits = asking(limits, MOST + 1)
    expect(waits.at(-1)).toBeGreaterThan(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(60)
    // The deck's time goes on a little slower while the machine's is behind.
    machine.advance(1.2 * MINUTE)
    expect(asking(limits, 1)).toEqual([0])
  })
})
