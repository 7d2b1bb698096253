import { describe, expect, it } from 'vitest'
import { MonotonicClock } from '../../src/base/clock.ts'
import { ManualClock } from '../support/clock.ts'

const HOUR = 3_600_000

describe('a clock that never goes back', () => {
  it('shows the wall clock while that goes on', () => {
    const wall = new ManualClock()
    const clock = new MonotonicClock(wall)
    wall.advance(HOUR)
    expect(clock.now()).toBe(wall.now())
    wall.jump(HOUR)
    expect(clock.now()).toBe(wall.now())
    expect(clock.behind()).toBe(0)
  })

  it('goes on from where it was when the wall clock is set back, until that has caught up', () => {
    const wall = new ManualClock()
    const clock = new MonotonicClock(wall)
    const before = clock.now()
    wall.jump(-HOUR)
    expect(clock.now()).toBe(before)
    expect(clock.behind()).toBe(HOUR)
    wall.advance(HOUR)
    expect(clock.now()).toBeGreaterThan(before + HOUR / 2)
    expect(clock.behind()).toBeLessThan(HOUR)
    wall.advance(20 * HOUR)
    expect(clock.behind()).toBe(0)
    expect(clock.now()).toBe(wall.now())
  })

  it('starts from the time that it is given, unless that is over already', () => {
    const wall = new ManualClock()
    const clock = new MonotonicClock(wall)
    clock.startFrom(wall.now() - HOUR)
    expect(clock.now()).toBe(wall.now())
    clock.startFrom(wall.now() + HOUR)
    expect(clock.now()).toBe(wall.now() + HOUR)
  })

  it('stands still rather than go back if the counting clock does', () => {
    const wall = new ManualClock()
    let elapsed = 1000
    const clock = new MonotonicClock({
      now: () => wall.now(),
      after: (ms, act) => wall.after(ms, act),
      elapsed: () => elapsed,
    })
    wall.jump(-HOUR)
    const before = clock.now()
    elapsed = 0
    expect(clock.now()).toBe(before)
  })
})
