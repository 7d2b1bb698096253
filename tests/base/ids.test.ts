import { expect, it } from 'vitest'
import { timedUuid } from '../../src/base/ids.ts'

it('makes UUIDs of version 7, in the order of time and never twice', () => {
  const times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 2 ** 48 - 1]
  const ids = times.flatMap((at) => [timedUuid(at), timedUuid(at)])
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(ids.length)
  const first = ids.map((id) => id.slice(0, 13))
  expect(first).toEqual(first.toSorted())
})
