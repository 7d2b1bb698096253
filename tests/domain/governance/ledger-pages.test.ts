import { describe, expect, test } from 'vitest'
import { mergedPages } from '../../../src/domain/governance/ledger/lines.ts'
import {
  placeOfText,
  textOfPlace,
  type EntryPage,
} from '../../../src/domain/governance/ledger/pages.ts'
import type { LedgerEntry } from '../../../src/domain/governance/ledger/types.ts'
import type { Org } from '../../../src/domain/governance/orgs/types.ts'

const org = (slug: string): Org => ({ id: `org_${slug}`, slug, name: slug }) as Org

const entry = (at: number): LedgerEntry =>
  ({
    agent: 'scout',
    type: 'deploy',
    at,
    approval: '',
    question: '',
    parent: '',
    action: { action_id: `act_${at}`, declared_goal: 'x'.repeat(4000), error_message: null },
  }) as unknown as LedgerEntry

const page = (slug: string, found: readonly number[], end: number | null) => ({
  org: org(slug),
  found: found.map((at) => ({ at, row: at, entry: entry(at) })),
  end: end === null ? null : { at: end, row: end },
})

const begun = (pages: (EntryPage & { org: Org })[], side: 'older' | 'newer', limit = 9) => {
  const { rows, next } = mergedPages(pages, { side, limit })
  return { at: rows.map(({ began }) => began), next: next === null ? null : placeOfText(next)?.at }
}

describe('pages of several organisations', () => {
  test.each([
    ['all there is', [page('a', [9, 5], null), page('b', [7], null)], [9, 7, 5], null],
    ['what one has beyond another', [page('a', [9, 8], 8), page('b', [7, 2], null)], [9, 8], 8],
    ['a search without a find yet', [page('a', [], 4), page('b', [9, 3], null)], [9], 4],
    ['nothing', [page('a', [], null)], [], null],
  ])('%s', (_about, pages, at, next) => {
    expect(begun(pages, 'older')).toEqual({ at, next })
  })

  test('more than the limit goes on after the last row', () => {
    const pages = [page('a', [9, 5], null), page('b', [7], null)]
    expect(begun(pages, 'older', 2)).toEqual({ at: [9, 7], next: 7 })
  })

  test('towards newer ones they are in the order of the list too', () => {
    const pages = [page('a', [3, 8], 8), page('b', [5, 9], null)]
    expect(begun(pages, 'newer')).toEqual({ at: [8, 5, 3], next: 8 })
  })

  test('a row is short, and says whose it is', () => {
    const [row] = mergedPages([page('acme', [9], null)], { side: 'older', limit: 9 }).rows
    expect(row).toMatchObject({ id: 'org_acme/act_9', agent: 'scout@acme' })
    expect(JSON.stringify(row).length).toBeLessThan(1000)
  })
})

describe('a place as text', () => {
  test('compares as the place does', () => {
    const places = [
      { at: 9, row: 1 },
      { at: 10, row: 1 },
      { at: 10, row: 2 },
      { at: 10, row: 10 },
    ]
    const texts = places.map(textOfPlace)
    expect(texts.toSorted()).toEqual(texts)
    expect(texts.map(placeOfText)).toEqual(places)
  })

  test.each(['', 'x', '1', '1.x', "1.1' OR 1", '-1.1'])('%j is none', (text) => {
    expect(placeOfText(text)).toBeUndefined()
  })
})
