import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Journal } from '../../../src/journal/journal.ts'
import { noun, nounsOf } from '../../../src/journal/noun.ts'
import type { Rows } from '../../../src/journal/tables/rows.ts'
import type { DeckEvent, Draft } from '../../../src/journal/types.ts'
import { openStore } from '../../../src/store/open.ts'
import { draft, realJournal, tempFolder } from '../../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** What one event does to a table: `put x`, `drop x`, or any of them and then a fault. */
function fold(event: DeckEvent, rows: Rows): void {
  const { note } = event.body as { note: string }
  for (const step of note.split(', ')) {
    const [act, table = '', id = ''] = step.split(' ')
    if (act === 'put') rows.put(table, id, { seq: event.seq })
    if (act === 'drop') rows.drop(table, id)
    if (act === 'fail') throw new Error('this event cannot be folded')
  }
}

/** A journal with a mirror of one table in memory, and all that the mirror was told. */
async function watched() {
  const deck = await realJournal(
    tempFolder((act) => cleanups.push(act)),
    nounsOf([
      noun({ name: 'precedent', folds: { 'agent.failed': fold } }),
      noun({ name: 'policy_use', folds: {} }),
      noun({ name: 'agent', folds: {} }),
    ]),
  )
  cleanups.push(() => deck.close())
  const mirror = new Map<string, object>()
  const told: [string, object | undefined][] = []
  deck.journal.rows.watch('precedent', (id, row) => {
    told.push([id, row])
    if (row === undefined) mirror.delete(id)
    else mirror.set(id, row)
  })
  const table = () =>
    new Map(
      deck.store
        .prepare<[], { id: string; row: string }>('SELECT id, row FROM precedent')
        .all()
        .map(({ id, row }) => [id, JSON.parse(row) as object]),
    )
  return { ...deck, mirror, told, table }
}

/** Appends together, in one commit as far as that goes; answers which were written down. */
async function appendAll(journal: Journal, notes: readonly string[]): Promise<boolean[]> {
  const settled = await Promise.allSettled(
    notes.map((note) => journal.append((): Draft[] => [draft(note)])),
  )
  return settled.map(({ status }) => status === 'fulfilled')
}

describe('a watcher of a table', () => {
  it('is called with each row as it is written, before followers of the journal', async () => {
    const { journal, mirror, table } = await watched()
    const atCommit: unknown[] = []
    journal.follow(() => atCommit.push(new Map(mirror)))
    const seen: unknown[] = []
    await Promise.all([
      journal.append(() => [draft('put precedent a')]),
      journal.append(() => {
        seen.push(new Map(mirror))
        return [draft('put precedent b, drop precedent a')]
      }),
    ])
    expect(seen).toEqual([new Map([['a', { seq: 1 }]])])
    expect(atCommit).toEqual([new Map([['b', { seq: 2 }]])])
    expect(mirror).toEqual(table())
  })

  it('is one of several, each until it stops', async () => {
    const { journal, mirror, table } = await watched()
    const heard: string[] = []
    const stop = journal.rows.watch('precedent', (id) => heard.push(id))
    await appendAll(journal, ['put precedent a'])
    stop()
    await appendAll(journal, ['put precedent b'])
    expect(heard).toEqual(['a'])
    expect(mirror).toEqual(table())
  })

  it('is not called for other tables', async () => {
    const { journal, told } = await watched()
    await appendAll(journal, ['put policy_use a, put agent b', 'put precedent c'])
    expect(told).toEqual([['c', { seq: 2 }]])
  })

  it('is called with the previous rows when one event of a commit cannot be folded', async () => {
    const { journal, mirror, told, table } = await watched()
    await appendAll(journal, ['put precedent old, put precedent gone'])
    told.length = 0
    expect(
      await appendAll(journal, [
        'put precedent a, drop precedent gone',
        'put precedent old, put precedent b, fail',
        'put precedent c',
      ]),
    ).toEqual([true, false, true])
    expect(mirror).toEqual(table())
    expect([...mirror.keys()].toSorted()).toEqual(['a', 'c', 'old'])
    // First as written, then as it was before, then once more what could be written on its own.
    expect(told.slice(0, 8)).toEqual([
      ['a', { seq: 2 }],
      ['gone', undefined],
      ['old', { seq: 3 }],
      ['b', { seq: 3 }],
      ['a', undefined],
      ['gone', { seq: 1 }],
      ['old', { seq: 1 }],
      ['b', undefined],
    ])
  })

  it('is called with the previous rows when the store cannot be written', async () => {
    const { journal, store, mirror, table } = await watched()
    await appendAll(journal, ['put precedent a'])
    store.pragma('query_only = 1')
    expect(await appendAll(journal, ['put precedent b', 'drop precedent a'])).toEqual([
      false,
      false,
    ])
    store.pragma('query_only = 0')
    expect(await appendAll(journal, ['put precedent c'])).toEqual([true])
    expect([mirror, [...mirror.keys()]]).toEqual([table(), ['a', 'c']])
  })

  it('ends with the contents of the table, also after opening it again', async () => {
    const step = fc
      .tuple(
        fc.constantFrom('put precedent', 'put precedent', 'drop precedent', 'put agent'),
        fc.constantFrom('a', 'b', 'c', 'd'),
      )
      .map((words) => words.join(' '))
    const note = fc
      .array(fc.oneof({ weight: 6, arbitrary: step }, fc.constant('fail')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((steps) => steps.join(', '))
    const { journal, mirror, table, path } = await watched()
    await fc.assert(
      fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 6 }), async (notes) => {
        const written = await appendAll(journal, notes)
        expect(written).toEqual(notes.map((one) => !one.includes('fail')))
        expect(mirror).toEqual(table())
      }),
      { numRuns: 60 },
    )
    const other = openStore(path)
    expect(other.prepare('SELECT count(*) AS n FROM precedent').get()).toEqual({ n: mirror.size })
    other.close()
  })
})
