import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { chainHash, type StoredEvent } from '../../src/journal/chain.ts'
import { draft } from '../support/journal.ts'
import { signed } from './signed.ts'

/** Appends an event with a right hash to a database that nobody serves, as anybody can. */
function appendByHand(path: string): void {
  const store = new Database(path)
  const last = store.prepare('SELECT * FROM event ORDER BY seq DESC').get() as StoredEvent
  const row = { ...last, seq: last.seq + 1, prev: last.hash }
  store
    .prepare('INSERT INTO event VALUES (@seq, @at, @actor, @type, @subject, @body, @prev, @hash)')
    .run({ ...row, hash: chainHash(row) })
  store.close()
}

describe('a verification', () => {
  it('says how many events are signed; the others are only chained', async () => {
    const { audit, journal, checkpoints } = await signed()
    expect(await audit.verify({})).toMatchObject({ events: 6, signed: 6 })
    for (let i = 0; i < 3; i++) await journal.append(() => [draft('later')])
    expect(await audit.verify({})).toMatchObject({ ok: true, events: 9, signed: 6 })
    checkpoints.sign()
    expect(await audit.verify({})).toMatchObject({ ok: true, events: 9, signed: 9 })
  })

  it('does not count what somebody appended by hand as signed', async () => {
    const deck = await signed()
    await deck.close()
    appendByHand(deck.path)
    const { audit } = await deck.again()
    expect(await audit.verify({})).toMatchObject({ events: 7, signed: 6 })
  })

  it('counts no event behind a broken link, nor one whose signature is wrong', async () => {
    const { audit, store } = await signed()
    store.exec(`UPDATE checkpoint SET signature = 'x' WHERE seq = 6`)
    expect(await audit.verify({})).toMatchObject({ ok: false, events: 6, signed: 4 })
    store.exec(`DROP TRIGGER event_is_never_changed; UPDATE event SET body = '{}' WHERE seq = 3`)
    expect(await audit.verify({})).toMatchObject({ ok: false, events: 2, signed: 2 })
  })

  it('of an export counts all or nothing', async () => {
    const { audit, folder } = await signed()
    const file = join(folder, 'out.jsonl')
    await audit.export(file, 'operator')
    expect(await audit.verify({ file })).toMatchObject({ ok: true, events: 7, signed: 7 })
  })
})
