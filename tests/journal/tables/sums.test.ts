import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { noun, nounsOf } from '../../../src/journal/noun.ts'
import type { Rows } from '../../../src/journal/tables/rows.ts'
import { draft, realJournal, tempFolder } from '../../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Count {
  count: number
}

/** Adds one to both tables for `add x`, and takes the row away for `drop x`. */
function fold(note: string, rows: Rows): void {
  const [act, id = ''] = note.split(' ')
  if (act === 'fail') throw new Error('this event cannot be folded')
  for (const table of ['precedent', 'policy_use']) {
    const count = rows.get<Count>(table, id)?.count ?? 0
    if (act === 'drop') rows.drop(table, id)
    else rows.put(table, id, { count: count + 1 })
  }
}

/** A journal with the same sums twice: as rows of sums, and as rows that are written each time. */
async function summed() {
  const deck = await realJournal(
    tempFolder((act) => cleanups.push(act)),
    nounsOf([
      noun({
        name: 'precedent',
        sums: true,
        folds: {
          'agent.failed': ({ body }, rows) => fold((body as { note: string }).note, rows),
        },
      }),
      noun({ name: 'policy_use', folds: {} }),
    ]),
  )
  cleanups.push(() => deck.close())
  const table = (name: string) =>
    deck.store.prepare<[], Count>(`SELECT id, row FROM ${name} ORDER BY id`).all()
  return { ...deck, table }
}

it('has the rows that it would have if each were written at once', async () => {
  const step = fc
    .tuple(fc.constantFrom('add', 'add', 'add', 'drop', 'fail'), fc.constantFrom('a', 'b', 'c'))
    .map((words) => words.join(' '))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 4 }), async (all) => {
      const { journal, table } = await summed()
      for (const together of all)
        await Promise.allSettled(together.map((note) => journal.append(() => [draft(note)])))
      expect(table('precedent')).toEqual(table('policy_use'))
    }),
    { numRuns: 25 },
  )
})

it('writes a row once for all events of a commit', async () => {
  const { journal, store, table } = await summed()
  store.exec(`CREATE TABLE written (id TEXT);
    CREATE TRIGGER counted AFTER INSERT ON precedent BEGIN INSERT INTO written VALUES (new.id); END;
    CREATE TRIGGER recounted AFTER UPDATE ON precedent
      BEGIN INSERT INTO written VALUES (new.id); END`)
  await Promise.all(Array.from({ length: 20 }, () => journal.append(() => [draft('add a')])))
  expect(table('precedent')).toEqual([{ id: 'a', row: '{"count":20}' }])
  expect(store.prepare('SELECT id FROM written').all()).toEqual([{ id: 'a' }])
})

it('shows SQL within a transaction what was added, once it is settled', async () => {
  const { journal, table } = await summed()
  const seen: unknown[] = []
  await Promise.all([
    journal.append(() => [draft('add a')]),
    journal.append(() => {
      seen.push(journal.rows.get('precedent', 'a'), table('precedent').length)
      journal.rows.settle()
      seen.push(table('precedent').length)
      return [draft('add a')]
    }),
  ])
  expect(seen).toEqual([{ count: 1 }, 0, 1])
  expect(table('precedent')).toEqual([{ id: 'a', row: '{"count":2}' }])
})
