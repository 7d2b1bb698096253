import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noun, nounsOf } from '../../../src/journal/noun.ts'
import {
  expectedInMemory,
  expectedInScratch,
  type ExpectedRows,
} from '../../../src/journal/tables/expected-rows.ts'

/** The same JSON value with the keys of all objects in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, part]) => [key, reversed(part)]))
}

const row = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.jsonValue(),
)

describe.each<[string, () => ExpectedRows]>([
  ['in memory', expectedInMemory],
  [
    'in tables',
    () => expectedInScratch(nounsOf([noun({ name: 'playbook', folds: {} })]), (_, known) => known),
  ],
])('expected rows %s', (_, open) => {
  it('equal rows with the same keys in another order', () => {
    fc.assert(
      fc.property(row, (made) => {
        const expected = open()
        expected.rows.put('playbook', 'a', made)
        expect(expected.difference('playbook', 'a', JSON.stringify(reversed(made)))).toBeUndefined()
        expected.close()
      }),
      { numRuns: 50 },
    )
  })

  it('differ from any other row', () => {
    const expected = open()
    expected.rows.put('playbook', 'a', { list: [1, { deep: 'x' }], none: null })
    for (const other of [
      {},
      { list: [1, { deep: 'y' }], none: null },
      { list: [1, { deep: 'x' }] },
      { list: { 0: 1, 1: { deep: 'x' } }, none: null },
      { list: [1, { deep: 'x' }], none: null, more: 1 },
      { list: [1], none: null },
    ]) {
      expect(expected.difference('playbook', 'a', JSON.stringify(other))).toBe(
        'not what the journal says',
      )
    }
    expect(expected.difference('playbook', 'a', '{"list":')).toBe('not what the journal says')
    expect(expected.difference('playbook', 'b', '{}')).toBe('not in the journal')
    expect([...expected.ids('playbook')]).toEqual([['a']])
    expected.rows.drop('playbook', 'a')
    expect(expected.difference('playbook', 'a', '{}')).toBe('not in the journal')
    expect(expected.text('playbook', 'a')).toBeUndefined()
    expected.close()
  })
})
