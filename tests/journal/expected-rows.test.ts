import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noun, nounsOf } from '../../src/journal/noun.ts'
import { toldInMemory, toldInScratch, type Told } from '../../src/journal/expected-rows.ts'

const turned = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(turned)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, part]) => [key, turned(part)]),
        )
      : value

const row = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.jsonValue(),
)

describe.each<[string, () => Told]>([
  ['in memory', toldInMemory],
  [
    'in tables',
    () => toldInScratch(nounsOf([noun({ name: 'playbook', folds: {} })]), (_, known) => known),
  ],
])('what the journal tells, %s', (_, open) => {
  it('is what a row must be, in whatever order its keys are', () => {
    fc.assert(
      fc.property(row, (made) => {
        const told = open()
        told.rows.put('playbook', 'a', made)
        expect(told.against('playbook', 'a', JSON.stringify(turned(made)))).toBeUndefined()
        told.close()
      }),
      { numRuns: 50 },
    )
  })

  it('is no other row than the one that it is', () => {
    const told = open()
    told.rows.put('playbook', 'a', { list: [1, { deep: 'x' }], none: null })
    for (const other of [
      {},
      { list: [1, { deep: 'y' }], none: null },
      { list: [1, { deep: 'x' }] },
      { list: { 0: 1, 1: { deep: 'x' } }, none: null },
      { list: [1, { deep: 'x' }], none: null, more: 1 },
      { list: [1], none: null },
    ]) {
      expect(told.against('playbook', 'a', JSON.stringify(other))).toBe('not what the journal says')
    }
    expect(told.against('playbook', 'a', '{"list":')).toBe('not what the journal says')
    expect(told.against('playbook', 'b', '{}')).toBe('the journal knows none')
    expect([...told.ids('playbook')]).toEqual([['a']])
    told.rows.drop('playbook', 'a')
    expect(told.against('playbook', 'a', '{}')).toBe('the journal knows none')
    expect(told.text('playbook', 'a')).toBeUndefined()
    told.close()
  })
})
