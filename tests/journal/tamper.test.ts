import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Checkpoints } from '../../src/journal/checkpoints.ts'
import { verifyExport } from '../../src/journal/export.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { ensureTables } from '../../src/journal/tables/tables.ts'
import { openStore } from '../../src/store/open.ts'
import { ManualClock } from '../support/clock.ts'
import { ephemeralHostKey } from '../support/host-key.ts'
import { draft, tempFolder } from '../support/journal.ts'
import { cleanups, nouns, signed } from './signed.ts'

/** Changes one byte of a file in place, as someone with write access to it would. */
function flip(path: string, find: string, by: number): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(find)
  expect(at).toBeGreaterThan(0)
  bytes[at + by] = (bytes[at + by] as number) ^ 1
  writeFileSync(path, bytes)
}

const said = (v: { problems: { what: string }[] }) => v.problems.map((p) => p.what).join('; ')

describe('the database', () => {
  it('is verified as it is on disk, while it is open', async () => {
    const { audit, store, path } = await signed()
    expect((await audit.verify({})).problems).toEqual([])
    store.pragma('wal_checkpoint(TRUNCATE)')
    flip(path, '"note":"note 3"', 10)
    expect(await audit.verify({})).toMatchObject({ ok: false, firstBad: 4 })
  })

  it('shows an index that lacks rows of its table', async () => {
    const { audit, store } = await signed()
    store.unsafeMode(true)
    store.pragma('writable_schema = ON')
    store.exec("DELETE FROM sqlite_schema WHERE name = 'event_by_type'")
    store.pragma('writable_schema = RESET')
    expect((await audit.verify({ deep: true })).problems[0]).toMatchObject({ where: 'database' })
  })

  it('shows state that does not follow from the journal', async () => {
    const { audit, store } = await signed()
    store.exec(
      `UPDATE lease SET row = '{"state":"active"}' WHERE id = 'a1'; INSERT INTO agent VALUES ('a9', '{}')`,
    )
    const result = await audit.verify({})
    expect(result.ok).toBe(false)
    expect(result.problems.map((p) => `${p.where} ${p.what}`)).toEqual([
      'state agent a9: not in the journal',
      'state lease a1: not what the journal says',
    ])
    expect(await audit.rebuild()).toMatchObject({ same: false, events: 6 })
  })

  it('shows the first event that is missing', async () => {
    const { audit, store } = await signed()
    store.exec('DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq > 4')
    expect(await audit.verify({})).toMatchObject({ ok: false, firstBad: 5 })
  })
})

describe('the signed heads', () => {
  it('are verified to the last line and byte of their file', async () => {
    const { audit, files } = await signed()
    const good = readFileSync(files.all, 'utf8')
    const lines = good.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    const bad = [
      lines.slice(1),
      lines.slice(0, -1),
      [lines[0], lines[2]],
      lines.toReversed(),
      [],
    ].map((some) => some.map((line) => `${line}\n`).join(''))
    for (const text of [
      ...bad,
      good.slice(0, -40),
      `${good}{}\n`,
      good.replace('"seq":2', '"seq":3'),
      good.replace(',', ', '),
    ]) {
      writeFileSync(files.all, text)
      expect((await audit.verify({})).ok, text).toBe(false)
    }
    rmSync(files.all)
    expect(said(await audit.verify({}))).toMatch(/missing/)
    writeFileSync(files.all, good)
    expect((await audit.verify({})).problems).toEqual([])
  })

  it('are added to their files again after a crash or a full disk', async () => {
    const deck = await signed()
    const good = readFileSync(deck.files.all, 'utf8')
    await deck.close()
    writeFileSync(deck.files.all, good.slice(0, -40))
    rmSync(deck.files.last)
    const again = await deck.again()
    expect(readFileSync(again.files.all, 'utf8')).toBe(good)
    expect(statSync(again.files.last).mode & 0o777).toBe(0o600)
    expect((await again.audit.verify({})).problems).toEqual([])
  })

  it('are in their files before verification, even if these could not be written before', async () => {
    const { audit, files, journal, checkpoints } = await signed()
    await journal.append(() => [draft('while the disk is full')])
    mkdirSync(`${files.last}.new`)
    expect(() => checkpoints.sign()).toThrow(/EISDIR/)
    expect(said(await audit.verify({}))).toMatch(/last signed head/)
    rmdirSync(`${files.last}.new`)
    expect((await audit.verify({})).problems).toEqual([])
  })

  it('reveal an older database in place of this one, even without any other trace', async () => {
    const deck = await signed()
    await deck.close()
    const old = join(deck.folder, 'old.db')
    copyFileSync(deck.path, old)
    const later = await deck.again()
    await later.journal.append(() => [draft('what must not be forgotten')])
    later.checkpoints.sign()
    await later.close()
    copyFileSync(old, deck.path)
    for (const trace of [deck.files.all, deck.mirrorFile]) rmSync(trace)
    const { audit, problems, journal, checkpoints } = await later.again()
    expect(problems.join()).toMatch(/does not contain the last signed head/)
    expect(said(await audit.verify({}))).toMatch(/tail was cut/)
    await journal.append(() => [draft('another history')])
    checkpoints.sign()
    expect(said(await audit.verify({}))).toMatch(/rewritten/)
  })

  it('are not valid with a changed copy of the last one', async () => {
    const { audit, files } = await signed()
    flip(files.last, '"at":', 6)
    expect((await audit.verify({})).ok).toBe(false)
  })

  it('are rare on a quiet deck, but come soon after a pause', async () => {
    const folder = tempFolder((act) => cleanups.push(act))
    const path = join(folder, 'deck.db')
    const clock = new ManualClock()
    const store = openStore(path)
    ensureTables(store, nouns)
    const journal = openJournal(store, { clock, nouns, path })
    const checkpoints = new Checkpoints({
      store,
      journal,
      signer: ephemeralHostKey(),
      clock,
      files: { all: join(folder, 'all'), last: join(folder, 'last') },
      problem: (what) => {
        throw new Error(what)
      },
    })
    cleanups.push(async () => {
      await checkpoints[Symbol.asyncDispose]()
      store.close()
    })
    const heads = () =>
      store
        .prepare<[], { seq: number }>('SELECT seq FROM checkpoint')
        .all()
        .map(({ seq }) => seq)
    for (let second = 0; second < 60; second += 3) {
      await journal.append(() => [draft(`at ${second}`)])
      clock.advance(3000)
    }
    expect(heads()).toEqual([1, 11])
    for (const pause of [30_000, 30_000]) clock.advance(pause)
    await journal.append(() => [draft('after a pause')])
    clock.advance(2000)
    expect(heads()).toEqual([1, 11, 20, 21])
  })
})

describe('an export', () => {
  it('is verified to the last byte of its last line', async () => {
    const { audit, folder, key } = await signed()
    const file = join(folder, 'out.jsonl')
    await audit.export(file, 'operator')
    const good = readFileSync(file)
    const bad = join(folder, 'bad.jsonl')
    for (let at = good.lastIndexOf('{"checkpoint"'); at < good.length; at++) {
      const bytes = Buffer.from(good)
      bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(bad, bytes)
      expect((await verifyExport(bad, key)).ok, `byte ${at}`).toBe(false)
    }
    writeFileSync(bad, good)
    appendFileSync(bad, '\n')
    expect((await verifyExport(bad, key)).ok).toBe(false)
    expect(await verifyExport(file, ephemeralHostKey())).toMatchObject({ ok: false })
  })
})
