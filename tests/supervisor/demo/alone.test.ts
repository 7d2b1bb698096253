import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whenAlone } from '../../../src/supervisor/demo/alone.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a demo waits for its console, and ends seconds after the last one has gone', () => {
  let followers = 0
  let ended = 0
  whenAlone(
    () => followers,
    () => {
      ended++
    },
  )
  vi.advanceTimersByTime(20_000)
  expect(ended).toBe(0)
  followers = 1
  vi.advanceTimersByTime(600_000)
  expect(ended).toBe(0)
  followers = 0
  vi.advanceTimersByTime(4000)
  expect(ended).toBe(0)
  vi.advanceTimersByTime(2000)
  expect(ended).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect(ended).toBe(1)
})

test('nobody ever came: it ends too; a watch that was ended says nothing', () => {
  let ended = 0
  const stop = whenAlone(
    () => 0,
    () => {
      ended += 10
    },
  )
  whenAlone(
    () => 0,
    () => {
      ended++
    },
  )
  stop()
  vi.advanceTimersByTime(31_000)
  expect(ended).toBe(1)
})
