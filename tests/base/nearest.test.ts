import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/base/nearest.ts'

describe('nearest', () => {
  it.each([
    ['memory', 'memoryMiB'],
    ['memory_mib', 'memoryMiB'],
    ['cpu', 'cpus'],
    ['PIDS', 'pids'],
    ['zebra', undefined],
    ['', undefined],
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, ['memoryMiB', 'cpus', 'pids', 'tmpMiB'])).toBe(expected)
  })
})
