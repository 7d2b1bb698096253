import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addToSums,
  sumsId,
  sumsWithin,
  type GroupSums,
} from '../../../../src/domain/governance/records/sums.ts'
import type { RecordData } from '../../../../src/domain/governance/records/types.ts'
import type { Rows } from '../../../../src/journal/tables/rows.ts'
import { summedGroups } from '../summed.ts'

/** Rows of one table in memory. */
function memoryRows() {
  const kept = new Map<string, object>()
  const rows = {
    get: (_table: string, id: string) => kept.get(id),
    put: (_table: string, id: string, row: object) => kept.set(id, row),
    drop: (_table: string, id: string) => kept.delete(id),
  }
  return { kept, rows: rows as unknown as Rows }
}

const byAgent = ({ agent, points }: RecordData): GroupSums[] => [
  { of: ['all'], sums: { n: 1, points: Number(points) } },
  { of: ['agent', String(agent)], sums: { n: 1 } },
]

test('sums kept while records change are those of the records that are there', () => {
  const data = fc.record({
    agent: fc.constantFrom('a', 'b', 'a/b'),
    points: fc.double({ min: -100, max: 100, noNaN: true }),
  })
  const change = fc.tuple(fc.constantFrom('1', '2', '3'), fc.option(data, { nil: undefined }))
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const { kept, rows } = memoryRows()
      const records = new Map<string, RecordData>()
      for (const [key, now] of changes) {
        const before = records.get(key)
        addToSums(rows, byAgent, {
          org: 'o',
          kind: 'k',
          before,
          ...(now === undefined ? {} : { now }),
        })
        if (now === undefined) records.delete(key)
        else records.set(key, now)
      }
      const fresh = summedGroups([...records.values()], byAgent)
      expect([...kept.keys()].toSorted()).toEqual(
        fresh.map(({ of }) => sumsId('o', 'k', of)).toSorted(),
      )
      for (const { of, sums } of fresh) {
        const { sums: own } = kept.get(sumsId('o', 'k', of)) as GroupSums
        expect(own['n']).toBe(sums['n'])
        expect(own['points'] ?? 0).toBeCloseTo(sums['points'] ?? 0, 3)
      }
    }),
  )
})

test('the groups within a group are those that begin with its parts, whatever they are called', () => {
  const part = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 2 }), fc.array(part, { maxLength: 3 }), (of, group) => {
      const bytes = (text: string) => Buffer.from(text)
      const [first, last] = sumsWithin('o', 'k', of)
      const id = bytes(sumsId('o', 'k', group))
      const within = Buffer.compare(id, bytes(first)) >= 0 && Buffer.compare(id, bytes(last)) < 0
      const begins = group.length > of.length && of.every((each, i) => group[i] === each)
      expect(within).toBe(begins)
    }),
  )
})
