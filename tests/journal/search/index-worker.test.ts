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
import { draft, realJournal, tempFolder } from '../../support/journal.ts'
import { until } from '../../support/until.ts'

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

/** A journal with an up-to-date search index. */
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

describe('the search index', () => {
  it('is readable by its owner only, and continues where it was', async () => {
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

  it('indexes appended events by itself', async () => {
    const deck = await open()
    await deck.journal.append(() => [draft('before')])
    deck.indexWorker.follow()
    await until('the index exists', () => existsSync(deck.index))
    await deck.journal.append(() => [draft('after')])
    expect(await deck.found('after')).toEqual([2])
  })

  it('is rebuilt without a message when it is missing', async () => {
    const deck = await indexed()
    await deck.close()
    rmSync(deck.index)
    const later = await deck.again()
    expect(await later.found('house')).toEqual([2, 1])
    expect(later.problems).toEqual([])
  })

  it.each([
    ['is not a database', (file: string) => writeFileSync(file, 'x'.repeat(8192))],
    [
      'is damaged in its first page',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes.fill(0xff, 100, 600)
        writeFileSync(file, bytes)
      },
    ],
    [
      'is damaged after its first page',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes.fill(0xff, 4096)
        writeFileSync(file, bytes)
      },
    ],
  ])('is rebuilt with a message when it %s', async (_what, damage) => {
    const deck = await indexed()
    await deck.close()
    damage(deck.index)
    const later = await deck.again()
    await later.journal.append(() => [draft('another house')])
    expect(await until('it is rebuilt', () => later.found('house').catch(() => undefined))).toEqual(
      [4, 2, 1],
    )
    expect(later.problems[0]).toMatch(/the search index .* is rebuilt/)
  })

  it('is rebuilt when it belongs to another journal', async () => {
    const [deck, other] = [await indexed(), await open()]
    await other.journal.append(() => [draft('a house of others'), draft('their tree')])
    expect(await other.found('house')).toEqual([1])
    await Promise.all([deck.close(), other.close()])
    renameSync(other.index, deck.index)
    const later = await deck.again()
    expect(await later.found('house')).toEqual([2, 1])
    expect(later.problems[0]).toMatch(/belongs to another journal/)
  })

  it('only stops text search when it cannot be written', async () => {
    const deck = await open()
    mkdirSync(deck.index)
    await deck.journal.append(() => [draft('the house')])
    await expect(deck.found('house')).rejects.toMatchObject({
      code: 'journal.unwritable',
      message: expect.stringContaining('search.db') as string,
    })
    deck.indexWorker.follow()
    await until('it is reported', () => deck.problems.length > 0)
    expect((await deck.journal.append(() => [draft('goes on')]))[0]?.seq).toBe(2)
    expect((await deck.audit.search({ agent: 'a1', limit: 5 })).map(({ seq }) => seq)).toEqual([
      2, 1,
    ])
    rmdirSync(deck.index)
    expect(await deck.found('house')).toEqual([1])
  })

  it('is opened by another thread when the first one cannot start', async () => {
    const deck = await open()
    await deck.journal.append(() => [draft('the house')])
    renameSync(deck.path, `${deck.path}.away`)
    await expect(deck.found('house')).rejects.toMatchObject({ code: 'journal.unwritable' })
    renameSync(`${deck.path}.away`, deck.path)
    expect(await deck.found('house')).toEqual([1])
  })

  it('rejects pending searches when the deck closes', async () => {
    const deck = await open()
    await deck.journal.append(() => Array.from({ length: 3000 }, (_, i) => draft(`house ${i}`)))
    const [answer] = await Promise.all([
      deck.found('house').catch((thrown: unknown) => thrown),
      deck.indexWorker[Symbol.asyncDispose](),
    ])
    expect(answer).toMatchObject({ code: 'supervisor.stopping' })
    await expect(deck.found('house')).rejects.toMatchObject({ code: 'supervisor.stopping' })
  })
})

it('keeps the write-ahead log short while events are appended', async () => {
  const { journal, store, indexWorker } = await open()
  indexWorker.follow()
  const state = () =>
    (store.pragma('wal_checkpoint(NOOP)') as [{ log: number; checkpointed: number }])[0]
  const log = () => state().log
  const remaining = () => state().log - state().checkpointed
  let longest = 0
  await until('the log restarts', async () => {
    // On a busy machine the thread may fall behind.
    if (remaining() > 4000) await until('a checkpoint', () => remaining() < 1000)
    await journal.append(() => Array.from({ length: 50 }, (_, i) => draft('x'.repeat(2000 + i))))
    const before = longest
    longest = Math.max(before, log())
    return log() < before
  })
  // At this length a commit would have to do the checkpoint.
  expect(longest).toBeLessThan(store.pragma('wal_autocheckpoint', { simple: true }) as number)
})
