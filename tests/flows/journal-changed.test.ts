import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { chainHash } from '../../src/journal/chain.ts'
import {
  accept,
  ALLOWED,
  allowing,
  BROKEN,
  expectCareful,
  expectTrusted,
  problemOf,
  restarted,
} from '../support/careful-deck.ts'
import type { TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** Appends an event as somebody would who knows how it is done, but has no key. */
function forge(path: string): void {
  const store = new Database(path)
  const last = store.prepare('SELECT * FROM event ORDER BY seq DESC LIMIT 1').get() as {
    seq: number
    at: number
    hash: string
  }
  const row = {
    seq: last.seq + 1,
    at: last.at,
    actor: 'operator:cli',
    type: 'supervisor.stopped',
    subject: '',
    body: '{"reason":"forged"}',
    prev: last.hash,
  }
  store
    .prepare('INSERT INTO event VALUES (@seq, @at, @actor, @type, @subject, @body, @prev, @hash)')
    .run({ ...row, hash: chainHash(row) })
  store.close()
}

describe('what only somebody can have done', () => {
  const deeds: Record<string, (deck: TestDeck) => void> = {
    'removed the head mark': ({ home }) => rmSync(home.headMark),
    'emptied the head mark': ({ home }) => writeFileSync(home.headMark, ''),
    'changed the head mark': ({ home }) =>
      writeFileSync(
        home.headMark,
        readFileSync(home.headMark, 'utf8').replaceAll('"seq":', '"seq":1'),
      ),
    'changed the copy of the signed head': ({ home }) =>
      writeFileSync(
        home.lastCheckpoint,
        readFileSync(home.lastCheckpoint, 'utf8').replace('"at":1', '"at":2'),
      ),
    'appended an event': ({ home }) => forge(home.database),
  }

  it.each(Object.keys(deeds))('%s: nothing is allowed without a person', async (name) => {
    const fleet = await allowing(onEnd)
    await fleet.deck.stop()
    deeds[name]?.(fleet.deck)
    await fleet.deck.start()
    await expectCareful(fleet)
    await accept(fleet)
    expect(await fleet.a1.exec(ALLOWED.policy)).toMatchObject({ decision: 'allow' })
    expect(await fleet.deck.deck.audit.verify({})).toMatchObject({ ok: true, problems: [] })
  })

  it('appended an event after a crash: noticed as long as the machine runs', async () => {
    const fleet = await allowing(onEnd)
    await fleet.deck.crash(() => forge(fleet.deck.home.database))
    await fleet.deck.start()
    await expectCareful(fleet)
  })

  it('removed the database: noticed by what lies beside it', async () => {
    const fleet = await allowing(onEnd)
    const { deck } = fleet
    await deck.stop()
    for (const part of ['', '-wal', '-shm']) rmSync(`${deck.home.database}${part}`, { force: true })
    await deck.start()
    expect(await problemOf(fleet)).toMatch(BROKEN)
    await deck.stop()
    rmSync(deck.home.headMark)
    rmSync(deck.home.lastCheckpoint)
    rmSync(deck.home.mirror)
    for (const part of ['', '-wal', '-shm']) rmSync(`${deck.home.database}${part}`, { force: true })
    await deck.start()
    expect(await problemOf(fleet)).toBeNull()
  })
})

describe('what a crash alone can leave', () => {
  const zeros = Buffer.alloc(512)

  it('is trusted: a fresh deck, a killed one, one that is started again', async () => {
    const fleet = await allowing(onEnd)
    await expectTrusted(fleet)
    await fleet.deck.crash()
    await fleet.deck.start()
    await expectTrusted(fleet)
  })

  it.each([0, 4096])('is trusted after a power loss that tore the record at %i', async (at) => {
    const fleet = await allowing(onEnd)
    const { deck } = fleet
    await fleet.a1.exec(ALLOWED.policy)
    const older = readFileSync(deck.home.headMark)
    await fleet.a1.exec(ALLOWED.policy)
    await deck.crash(() => {
      older.set(zeros, at)
      writeFileSync(deck.home.headMark, older)
      deck.boot = 'two'
    })
    await deck.start()
    await expectTrusted(fleet)
  })
})

describe('a journal that a verification finds broken while it is served', () => {
  function change(path: string, body: string): void {
    const store = new Database(path)
    store.exec('DROP TRIGGER IF EXISTS event_is_never_changed')
    store
      .prepare(
        "UPDATE event SET body = ? WHERE seq = (SELECT min(seq) FROM event WHERE type = 'supervisor.started')",
      )
      .run(body)
    store.close()
  }

  it('allows nothing from then on; what was accepted is watched for changes like the rest', async () => {
    const fleet = await allowing(onEnd)
    const { deck } = fleet
    change(deck.home.database, '{"forged":1}')
    expect(await deck.deck.audit.verify({})).toMatchObject({ ok: false })
    await expectCareful(fleet)
    await restarted(fleet)
    await expectCareful(fleet)
    await accept(fleet)
    expect(await deck.deck.audit.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
    expect(await fleet.a1.exec(ALLOWED.policy)).toMatchObject({ decision: 'allow' })
    await restarted(fleet)
    expect(await deck.deck.audit.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
    change(deck.home.database, '{"forged":2}')
    expect(await deck.deck.audit.verify({})).toMatchObject({
      ok: false,
      problems: [{ what: expect.stringContaining('accepted') }],
    })
    expect(await fleet.a1.exec(ALLOWED.policy)).toMatchObject({ pending: true })
  })

  it('allows nothing while its tables are not what it says, and rebuilds them at the next start', async () => {
    const fleet = await allowing(onEnd)
    const { deck } = fleet
    const store = new Database(deck.home.database)
    store.exec("UPDATE lease SET row = json_set(row, '$.usesLeft', 1000)")
    store.close()
    expect(await deck.deck.audit.verify({})).toMatchObject({ ok: false })
    await expectCareful(fleet, /not proven/)
    await expect(accept(fleet)).rejects.toMatchObject({ code: 'not.possible' })
    await restarted(fleet)
    await expectTrusted(fleet)
  })
})
