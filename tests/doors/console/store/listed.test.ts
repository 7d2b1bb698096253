import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ListPage, PlacedRow } from '../../../../src/commands/listing.ts'
import {
  firstPage,
  renewed,
  ROWS_KEPT,
  withNewer,
  withOlder,
  type Listed,
} from '../../../../src/doors/console/store/listed.ts'

const row = (n: number): PlacedRow => ({ id: `r${n}`, place: String(n).padStart(6, '0') })

/** The list that is asked, the greatest first. */
class Deck {
  rows: number[]

  constructor(rows: readonly number[]) {
    this.rows = [...rows]
  }

  ask(from: string | null, side: 'older' | 'newer', limit: number): ListPage<PlacedRow> {
    const at = from === null ? undefined : Number(from)
    const all = this.rows.toSorted((a, b) => b - a)
    const found =
      side === 'older'
        ? all.filter((n) => at === undefined || n <= at).slice(0, limit)
        : all.filter((n) => at === undefined || n >= at).slice(-limit)
    const end = side === 'older' ? found.at(-1) : found[0]
    const isEnd = found.length < limit || end === undefined
    return { rows: found.map(row), next: isEnd ? null : row(end).place }
  }
}

const places = ({ rows }: Listed): number[] => rows.map(({ place }) => Number(place))

describe('the loaded part of a long list', () => {
  const list = fc.uniqueArray(fc.nat(500), { maxLength: 60 })
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('older', 'newer', 'top', 'around'),
      limit: fc.integer({ min: 2, max: 9 }),
      change: fc.uniqueArray(fc.nat(600), { maxLength: 4 }),
      at: fc.nat(),
    }),
    { maxLength: 30 },
  )

  test('has no row twice, stays in order, and has no gap after it was renewed', () => {
    fc.assert(
      fc.property(list, steps, (numbers, all) => {
        const deck = new Deck(numbers)
        let now = firstPage(deck.ask(null, 'older', 5))
        for (const { what, limit, change, at } of all) {
          now = stepped(deck, now, { what, limit, at })
          const here = places(now)
          expect(here).toEqual([...new Set(here)].toSorted((a, b) => b - a))
          deck.rows = [...new Set([...deck.rows, ...change])]
        }
        const fresh = renewed(now, deck.ask(null, 'older', 700), null)
        expect(places(fresh)).toEqual(deck.rows.toSorted((a, b) => b - a))
        expect(fresh).toMatchObject({ newer: null, older: null })
      }),
    )
  })

  function stepped(
    deck: Deck,
    now: Listed,
    { what, limit, at }: { what: string; limit: number; at: number },
  ): Listed {
    if (what === 'older' && now.older !== null)
      return withOlder(now, deck.ask(now.older, 'older', limit))
    const first = now.rows[0]
    if (what === 'newer' && first !== undefined)
      return withNewer(now, deck.ask(now.newer ?? first.place, 'newer', limit))
    if (what === 'top') return renewed(now, deck.ask(null, 'older', limit), null)
    const from = now.rows[at % Math.max(1, now.rows.length)]?.place ?? null
    return renewed(now, deck.ask(from, 'older', limit), from)
  }

  test('a page that does not reach what was there replaces it', () => {
    const deck = new Deck([1, 2, 3, 4])
    const before = firstPage(deck.ask(null, 'older', 3))
    deck.rows = Array.from({ length: 100 }, (_, n) => n)
    const page = deck.ask(null, 'older', 10)
    expect(places(renewed(before, page, null))).toEqual([99, 98, 97, 96, 95, 94, 93, 92, 91, 90])
  })

  test('a row that is gone is gone where it is looked at again, and stays elsewhere', () => {
    const deck = new Deck([1, 2, 3, 4, 5, 6])
    const before = firstPage(deck.ask(null, 'older', 6))
    deck.rows = [1, 2, 4, 5, 6].filter((n) => n !== 5)
    expect(places(renewed(before, deck.ask('000004', 'older', 2), '000004'))).toEqual([
      6, 5, 4, 2, 1,
    ])
  })

  test('so many rows are kept; what is beyond is asked for again', () => {
    const deck = new Deck(Array.from({ length: 3 * ROWS_KEPT }, (_, n) => n))
    let now = firstPage(deck.ask(null, 'older', 400))
    for (let i = 0; i < 5; i++) now = withOlder(now, deck.ask(now.older, 'older', 400))
    expect(now.rows.length).toBe(ROWS_KEPT)
    expect(now.newer).toBe(now.rows[0]?.place)
    now = withNewer(now, deck.ask(now.newer, 'newer', 400))
    expect(now.rows.length).toBe(ROWS_KEPT)
    expect(now.older).toBe(now.rows.at(-1)?.place)
  })
})
