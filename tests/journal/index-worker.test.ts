import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { draft, realJournal, tempFolder } from '../support/journal.ts'
import { until } from '../support/until.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function open(folder = tempFolder((act) => cleanups.push(act))) {
  const deck = await realJournal(folder)
  let closed: Promise<void> | undefined
  const close = () => (closed ??= deck.close())
  cleanups.push(close)
  const found = async (text: string) =>
    (await deck.audit.search({ text, limit: 10 })).map(({ seq }) => seq)
  return {
    folder,
    index: join(folder, 'search.db'),
    ...deck,
    found,
    close,
    again: async () => {
      await close()
      return open(folder)
    },
  }
}

/** A journal whose words are indexed. */
async function indexed() {
  const deck = await open()
  await deck.journal.append(() => [
    draft('the red house'),
    draft('the green house'),
    draft('a tree'),
  ])
  expect(await deck.found('house')).toEqual([2, 1])
  return deck
}

describe('the index of words', () => {
  it("is its owner's alone, and goes on where it was", async () => {
    const { index, close, again } = await indexed()
    expect(statSync(index).mode & 0o777).toBe(0o600)
    await close()
    const size = statSync(index).size
    const later = await again()
    await later.journal.append(() => [draft('another house')])
    expect(await later.found('house')).toEqual([4, 2, 1])
    expect(statSync(index).size).toBeGreaterThanOrEqual(size)
    expect(later.problems).toEqual([])
  })

  it('takes in what is appended, unasked', async () => {
    const deck = await open()
    await deck.journal.append(() => [draft('before')])
    deck.clerk.follow()
    await until('the index is there', () => existsSync(deck.index))
    await deck.journal.append(() => [draft('after')])
    expect(await deck.found('after')).toEqual([2])
  })

  it('is made anew, silently, when it is gone', async () => {
    const deck = await indexed()
    await deck.close()
    rmSync(deck.index)
    const later = await deck.again()
    expect(await later.found('house')).toEqual([2, 1])
    expect(later.problems).toEqual([])
  })

  it.each([
    ['is no database any more', (file: string) => writeFileSync(file, 'x'.repeat(8192))],
    [
      'was damaged in its first page',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes.fill(0xff, 100, 600)
        writeFileSync(file, bytes)
      },
    ],
    [
      'was damaged behind its first page',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes.fill(0xff, 4096)
        writeFileSync(file, bytes)
      },
    ],
  ])('is made anew, and that is said, when it %s', async (_what, damage) => {
    const deck = await indexed()
    await deck.close()
    damage(deck.index)
    const later = await deck.again()
    await later.journal.append(() => [draft('another house')])
    expect(
      await until('it is made anew', () => later.found('house').catch(() => undefined)),
    ).toEqual([4, 2, 1])
    expect(later.problems[0]).toMatch(/the search index .* is made anew/)
  })

  it('is made anew when it is of another journal', async () => {
    const [deck, other] = [await indexed(), await open()]
    await other.journal.append(() => [draft('a house of others'), draft('their tree')])
    expect(await other.found('house')).toEqual([1])
    await Promise.all([deck.close(), other.close()])
    renameSync(other.index, deck.index)
    const later = await deck.again()
    expect(await later.found('house')).toEqual([2, 1])
    expect(later.problems[0]).toMatch(/of another journal/)
  })

  it('that cannot be kept holds up nothing but the search for words', async () => {
    const deck = await open()
    mkdirSync(deck.index)
    await deck.journal.append(() => [draft('the house')])
    await expect(deck.found('house')).rejects.toMatchObject({
      code: 'journal.unwritable',
      message: expect.stringContaining('search.db') as string,
    })
    deck.clerk.follow()
    await until('it is said', () => deck.problems.length > 0)
    expect((await deck.journal.append(() => [draft('goes on')]))[0]?.seq).toBe(2)
    expect((await deck.audit.search({ agent: 'a1', limit: 5 })).map(({ seq }) => seq)).toEqual([
      2, 1,
    ])
    rmdirSync(deck.index)
    expect(await deck.found('house')).toEqual([1])
  })

  it('is looked at again by another thread when the first cannot begin', async () => {
    const deck = await open()
    await deck.journal.append(() => [draft('the house')])
    renameSync(deck.path, `${deck.path}.away`)
    await expect(deck.found('house')).rejects.toMatchObject({ code: 'journal.unwritable' })
    renameSync(`${deck.path}.away`, deck.path)
    expect(await deck.found('house')).toEqual([1])
  })

  it('tells who still waits when the deck is closed', async () => {
    const deck = await open()
    await deck.journal.append(() => Array.from({ length: 3000 }, (_, i) => draft(`house ${i}`)))
    const [answer] = await Promise.all([
      deck.found('house').catch((thrown: unknown) => thrown),
      deck.clerk.close(),
    ])
    expect(answer).toMatchObject({ code: 'supervisor.stopping' })
    await expect(deck.found('house')).rejects.toMatchObject({ code: 'supervisor.stopping' })
  })
})

it('keeps the log of the database short while appends go on', async () => {
  const { journal, store, clerk } = await open()
  clerk.follow()
  const state = () =>
    (store.pragma('wal_checkpoint(NOOP)') as [{ log: number; checkpointed: number }])[0]
  const log = () => state().log
  const uncopied = () => state().log - state().checkpointed
  let longest = 0
  await until('the log begins anew', async () => {
    // On a busy machine the thread comes last.
    if (uncopied() > 4000) await until('the log is copied', () => uncopied() < 1000)
    await journal.append(() => Array.from({ length: 50 }, (_, i) => draft('x'.repeat(2000 + i))))
    const before = longest
    longest = Math.max(before, log())
    return log() < before
  })
  // So long it may become before a commit has to shorten it.
  expect(longest).toBeLessThan(store.pragma('wal_autocheckpoint', { simple: true }) as number)
})
