import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { verifyExport } from '../../src/journal/export.ts'
import { draft, realJournal, tempFolder } from '../support/journal.ts'

setFlagsFromString('--expose-gc')

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function open(folder = tempFolder((act) => cleanups.push(act))) {
  const deck = await realJournal(folder)
  cleanups.push(() => deck.close())
  return { folder, ...deck }
}

async function withEvents(n: number) {
  const deck = await open()
  for (let i = 0; i < n; i++) await deck.journal.append(() => [draft(`event number ${i}`)])
  deck.checkpoints.sign()
  await deck.mirror.flush()
  return deck
}

/**
 * Changes one byte of an event's body inside the database file, as someone with write access to it
 * would.
 */
function tamper(path: string, find: string, put: string): void {
  const raw = new Database(path)
  raw.pragma('wal_checkpoint(TRUNCATE)')
  raw.close()
  const bytes = readFileSync(path)
  const at = bytes.indexOf(find)
  expect(at).toBeGreaterThan(0)
  bytes.write(put, at)
  writeFileSync(path, bytes)
}

describe('append', () => {
  it('commits waiting appends together and in order, and returns each caller its own events', async () => {
    const { journal } = await open()
    const commits: number[] = []
    journal.follow((commit) => commits.push(commit.events.length))
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, i) => journal.append(() => [draft(`n${i}`)])),
    )
    expect(all.map((events) => events[0]?.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(commits).toEqual([50])
  })

  it('shows a decision what was decided before it in the same commit', async () => {
    const { journal } = await open()
    let decided = false
    const decide = () =>
      journal.append(() => {
        if (decided) throw new Fault('approval.decided', 'someone was first')
        decided = true
        return [draft('mine')]
      })
    const [first, second, third] = await Promise.allSettled([
      decide(),
      decide(),
      journal.append(() => [draft('other')]),
    ])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'approval.decided' } })
    expect(third.status).toBe('fulfilled')
    expect(journal.head().seq).toBe(2)
  })

  it('refuses to change or delete events', async () => {
    const { store } = await withEvents(3)
    expect(() => store.exec("UPDATE event SET body = '{}' WHERE seq = 2")).toThrow(/append-only/)
    expect(() => store.exec('DELETE FROM event WHERE seq = 3')).toThrow(/append-only/)
  })

  it('acknowledges nothing while the database is full, and continues when there is space', async () => {
    const { journal, store } = await withEvents(2)
    store.pragma(`max_page_count = ${String(store.pragma('page_count', { simple: true }))}`)
    await expect(journal.append(() => [draft('x'.repeat(500_000))])).rejects.toMatchObject({
      code: 'journal.unwritable',
    })
    expect(journal.head().seq).toBe(2)
    store.pragma('max_page_count = 1073741823')
    expect((await journal.append(() => [draft('again')]))[0]?.seq).toBe(3)
  })
})

describe('verify', () => {
  it('accepts an untouched journal, its mirror and its checkpoints', async () => {
    const { audit } = await withEvents(40)
    expect(await audit.verify({})).toMatchObject({
      ok: true,
      events: 40,
      firstBad: null,
      problems: [],
    })
  })

  it('accepts the journal while more is appended, before and after the mirrors have it', async () => {
    const { journal, audit } = await withEvents(1500)
    let more = true
    const appending = (async () => {
      for (let i = 0; more; i++) await journal.append(() => [draft(`meanwhile ${i}`)])
    })()
    const began = journal.head().seq
    for (let i = 0; i < 4 || journal.head().seq === began; i++) {
      expect((await audit.verify({})).problems).toEqual([])
      // Where it is quick enough it never lets the loop turn by itself.
      await new Promise((go) => {
        setImmediate(go)
      })
    }
    more = false
    await appending
  })

  it('names the event of which one byte was changed', async () => {
    const { folder, path, ...deck } = await withEvents(40)
    await deck.close()
    cleanups.pop()
    tamper(path, 'event number 17', 'event number 1X')
    const { audit } = await open(folder)
    expect(await audit.verify({})).toMatchObject({ ok: false, firstBad: 18 })
  })

  it('finds any changed byte of a mirror, at the right event', async () => {
    const { mirrorFile, audit } = await withEvents(12)
    const good = readFileSync(mirrorFile)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bad = Buffer.from(good)
          bad[at] = (bad[at] as number) ^ flip
          writeFileSync(mirrorFile, bad)
          const line = good.subarray(0, at).toString().split('\n').length
          const result = await audit.verify({})
          expect(result.ok).toBe(false)
          expect(result.firstBad).toBe(line)
        },
      ),
      { numRuns: 60 },
    )
    writeFileSync(mirrorFile, good)
    expect((await audit.verify({})).ok).toBe(true)
  })

  it('detects a cut tail by the checkpoint, and a journal signed by another host', async () => {
    const { folder, path, ...deck } = await withEvents(10)
    await deck.close()
    cleanups.pop()
    const raw = new Database(path)
    raw.exec('DROP TRIGGER event_is_never_deleted')
    raw.exec('DELETE FROM event WHERE seq > 7')
    raw.close()
    const { audit } = await open(folder)
    const result = await audit.verify({})
    expect(result.ok).toBe(false)
    expect(result.problems.map((p) => p.what).join()).toMatch(/signed by|tail was cut/)
  })
})

describe('export', () => {
  it('is valid, and invalid after any byte of any line is changed', async () => {
    const { folder, audit, key } = await withEvents(15)
    const file = join(folder, 'out.jsonl')
    await audit.export(file, 'operator')
    expect(await verifyExport(file, key)).toMatchObject({ ok: true, events: 16 })
    const good = readFileSync(file)
    const bad = join(folder, 'bad.jsonl')
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.lastIndexOf('{"checkpoint"') - 2),
        fc.integer({ min: 1, max: 127 }),
        async (at, flip) => {
          copyFileSync(file, bad)
          const bytes = Buffer.from(good)
          bytes[at] = (bytes[at] as number) ^ flip
          writeFileSync(bad, bytes)
          const line = good.subarray(0, at).toString().split('\n').length
          const result = await verifyExport(bad, key)
          expect(result.ok).toBe(false)
          expect(result.firstBad).toBe(line)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('never overwrites a file', async () => {
    const { folder, audit } = await withEvents(1)
    const file = join(folder, 'taken')
    writeFileSync(file, 'precious')
    await expect(audit.export(file, 'operator')).rejects.toMatchObject({ code: 'name.taken' })
    expect(readFileSync(file, 'utf8')).toBe('precious')
  })
})

describe('search and tail', () => {
  it('finds words newest first, and treats nothing typed as syntax', async () => {
    const { audit } = await withEvents(30)
    const found = await audit.search({ text: 'event number', limit: 3 })
    expect(found.map((e) => e.seq)).toEqual([30, 29, 28])
    expect(await audit.search({ text: '" OR ( NEAR * -', limit: 3 })).toEqual([])
    expect(
      (await audit.search({ text: 'event numb*', before: 9, limit: 1 })).map((e) => e.seq),
    ).toEqual([8])
    expect(await audit.search({ text: 'event numb', limit: 1 })).toEqual([])
    expect(
      (await audit.search({ agent: 'a1', type: 'agent.failed', before: 5, limit: 2 })).map(
        (e) => e.seq,
      ),
    ).toEqual([4, 3])
  })

  it('finds events since a time in a long journal, newest first, even if the clock jumped', async () => {
    const { journal, audit } = await open()
    const at = (i: number) => (i % 7000 === 5 ? 2000 : 1000)
    for (let i = 1; i <= 24_000; i += 1000)
      await journal.append(() =>
        Array.from({ length: 1000 }, (_, j) => ({ ...draft(`n${i + j}`), at: at(i + j) })),
      )
    const seqs = async (more: object) =>
      (await audit.search({ since: 1500, limit: 10, ...more })).map((e) => e.seq)
    expect(await seqs({})).toEqual([21005, 14005, 7005, 5])
    expect(await seqs({ agent: 'a1', limit: 2 })).toEqual([21005, 14005])
    expect(await seqs({ before: 14005 })).toEqual([7005, 5])
    expect(await seqs({ agent: 'nobody' })).toEqual([])
  })

  it('buffers nothing for a follower that stopped reading, and skips nothing when it continues', async () => {
    const { audit, journal } = await withEvents(1)
    const stop = new AbortController()
    const reader = audit
      .tail({ limit: 1, follow: true, agent: 'a1', signal: stop.signal })
      [Symbol.asyncIterator]()
    await reader.next()
    const kept: WeakRef<object>[] = []
    const unfollow = journal.follow((commit) => {
      for (const event of commit.events) kept.push(new WeakRef(event))
    })
    for (let i = 0; i < 30; i++)
      await journal.append(() =>
        Array.from({ length: 20 }, (_, j) =>
          draft(`live ${i * 20 + j}`, i % 2 === 0 ? 'a1' : 'a2'),
        ),
      )
    unfollow()
    await vi.waitFor(
      () => {
        runInNewContext('gc')()
        expect(kept.slice(0, -20).filter((ref) => ref.deref() !== undefined)).toEqual([])
      },
      { timeout: 60_000 },
    )
    const seen: unknown[] = []
    while (seen.length < 300) seen.push((await reader.next()).value?.seq)
    expect(seen).toEqual(
      Array.from({ length: 600 }, (_, i) => i + 2).filter(
        (seq) => Math.floor((seq - 2) / 20) % 2 === 0,
      ),
    )
    stop.abort()
    expect((await reader.next()).done).toBe(true)
  })

  it('goes from backfill to live without gaps or repeats', async () => {
    const { audit, journal } = await withEvents(5)
    const stop = new AbortController()
    const seen: number[] = []
    for await (const event of audit.tail({ limit: 3, follow: true, signal: stop.signal })) {
      seen.push(event.seq)
      if (seen.length === 3)
        void Promise.all([
          journal.append(() => [draft('live')]),
          journal.append(() => [draft('live')]),
        ])
      if (seen.length === 5) stop.abort()
    }
    expect(seen).toEqual([3, 4, 5, 6, 7])
  })
})
