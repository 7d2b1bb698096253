import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { GENESIS, type Head } from '../../src/journal/chain.ts'
import { HeadMark } from '../../src/journal/head-mark.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { lossAtEnd } from '../../src/journal/loss/evidence.ts'
import { nounsOf } from '../../src/journal/noun.ts'
import type { Loss } from '../../src/journal/types.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { ephemeralHostKey } from '../support/host-key.ts'
import { draft, tempFolder } from '../support/journal.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const BOOT = 'boot 1'
const SLOTS = [0, 4096]

/** One write of the mark: the file after it, and the last event that was committed by then. */
interface Written {
  file: Buffer
  committed: number
}

/** A journal of some commits, with every state of its mark, also that of a stopped deck. */
async function history(commits: readonly number[]) {
  const folder = tempFolder(onEnd)
  const path = join(folder, 'deck.db')
  const key = ephemeralHostKey()
  const store = openStore(path)
  onEnd(() => store.close())
  const marked = { path: join(folder, 'head.mark'), key, boot: BOOT }
  const mark = new HeadMark(marked)
  mark.open({ seq: 0, hash: GENESIS }, 1)
  const written: Written[] = []
  let committed = 0
  const keep = () => written.push({ file: readFileSync(marked.path), committed })
  keep()
  const journal = openJournal(store, {
    clock: systemClock,
    nouns: nounsOf([]),
    path,
    mark: {
      before(...given) {
        mark.before(...given)
        keep()
      },
      after(head, at) {
        committed = head.seq
        mark.after(head, at)
        keep()
      },
    },
  })
  for (const size of commits)
    await journal.append(() => Array.from({ length: size }, (_, i) => draft(`event ${i}`)))
  const head: Head = journal.head()
  mark.close(head, 1)
  store.exec('DROP TRIGGER event_is_never_deleted')
  return {
    store,
    written,
    closed: readFileSync(marked.path),
    length: head.seq,
    /** What a start finds with this mark, if the database ends with event `last`. */
    found(file: Buffer, last: number, boot = BOOT): Loss | undefined {
      writeFileSync(marked.path, file)
      return withEnd(store, last, () =>
        lossAtEnd({ store, mark: new HeadMark({ ...marked, boot }), copies: [] }),
      )
    },
  }
}

function withEnd<T>(store: Store, last: number, act: () => T): T {
  store.exec('BEGIN')
  try {
    store.prepare('DELETE FROM event WHERE seq > ?').run(last)
    return act()
  } finally {
    store.exec('ROLLBACK')
  }
}

function torn(file: Buffer, slot: number): Buffer {
  return Buffer.from(file).fill(0, slot, slot + 512)
}

const SIZES = [3, 1, 1, 4, 2]

describe('the head mark', () => {
  it('allows for everything that a killed process can leave, and for nothing else', async () => {
    const { written, found, length } = await history(SIZES)
    for (const [i, { file, committed }] of written.entries()) {
      const next = written[i + 1]?.committed ?? committed
      for (let last = 0; last <= length; last++)
        if (last === committed || last === next)
          expect(found(file, last), `write ${i}, events ${last}`).toBeUndefined()
        else expect(found(file, last), `write ${i}, events ${last}`).toBeDefined()
    }
  })

  it('allows for everything that a failing machine can leave, and never for less than it knows', async () => {
    const { written, found, length } = await history(SIZES)
    for (const [i, { file, committed }] of written.entries())
      for (let last = 0; last <= length; last++)
        for (const state of [file, ...SLOTS.map((slot) => torn(file, slot))]) {
          const loss = found(state, last, 'boot 2')
          if (last >= committed) expect(loss, `write ${i}, events ${last}`).toBeUndefined()
          else if (state === file) expect(loss, `write ${i}, events ${last}`).toBeDefined()
        }
  })

  it('knows of every event that was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (sizes, cut) => {
          const { written, found, length } = await history(sizes)
          const last = cut % length
          expect(found(written.at(-1)?.file as Buffer, last)).toMatchObject({
            after: last,
            lost: length - last,
          })
        },
      ),
      { numRuns: 20 },
    )
  })

  it('lets nothing be appended after it was closed, whatever the machine did since', async () => {
    const { closed, found, length, store } = await history(SIZES)
    expect(found(closed, length)).toBeUndefined()
    expect(found(closed, length, 'boot 2')).toBeUndefined()
    store.exec(
      `INSERT INTO event SELECT seq + 1, at, actor, type, subject, body, prev, hash FROM event ORDER BY seq DESC LIMIT 1`,
    )
    expect(found(closed, length + 1, 'boot 2')).toMatchObject({ after: length, lost: 0 })
  })

  it('is missed where it was, and not where it never was', async () => {
    const { store, found, length } = await history(SIZES)
    const nothing = { found: 'missing' as const, boot: BOOT, path: 'head.mark' }
    expect(lossAtEnd({ store, mark: nothing, copies: [] })?.what).toMatch(/missing/)
    expect(found(Buffer.alloc(8192), length)?.what).toMatch(/was changed/)
    store.prepare('UPDATE unmarked SET seq = ?').run(length)
    expect(lossAtEnd({ store, mark: nothing, copies: [] })).toBeUndefined()
  })

  it('is no mark if another key made it', async () => {
    const { written } = await history(SIZES)
    const path = join(tempFolder(onEnd), 'head.mark')
    writeFileSync(path, written.at(-1)?.file as Buffer)
    expect(new HeadMark({ path, key: ephemeralHostKey(), boot: BOOT }).found).toBe('unreadable')
  })

  it('keeps a commit from happening if it cannot be written', async () => {
    const path = join(tempFolder(onEnd), 'deck.db')
    const store = openStore(path)
    onEnd(() => store.close())
    let broken = true
    const full = new HeadMark({ path: '/nowhere/head.mark', key: ephemeralHostKey(), boot: '' })
    const journal = openJournal(store, {
      clock: systemClock,
      nouns: nounsOf([]),
      path,
      mark: {
        before() {
          if (broken) full.open({ seq: 0, hash: GENESIS }, 1)
        },
        after: () => undefined,
      },
    })
    await expect(journal.append(() => [draft('one')])).rejects.toMatchObject({
      code: 'journal.unwritable',
    })
    expect(journal.head().seq).toBe(0)
    broken = false
    expect(await journal.append(() => [draft('two')])).toMatchObject([{ seq: 1 }])
  })
})
