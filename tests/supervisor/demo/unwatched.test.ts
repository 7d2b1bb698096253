import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whenUnwatched } from '../../../src/supervisor/demo/unwatched.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a demo waits for its console, and ends some seconds after the last one has gone', () => {
  let followers = 0
  let ended = 0
  whenUnwatched(
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

test('a demo without a console ends, unless its watch was disposed of', async () => {
  let ended = 0
  const watch = whenUnwatched(
    () => 0,
    () => {
      ended += 10
    },
  )
  whenUnwatched(
    () => 0,
    () => {
      ended++
    },
  )
  await watch[Symbol.asyncDispose]()
  vi.advanceTimersByTime(31_000)
  expect(ended).toBe(1)
})
