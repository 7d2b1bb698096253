import { describe, expect, it } from 'vitest'
import { healNouns } from '../../../src/journal/tables/heal.ts'
import { nouns, signed } from '../signed.ts'

describe('state at the start', () => {
  it('is rebuilt from the journal where somebody changed it, and the row is logged', async () => {
    const { store, audit } = await signed()
    store.exec(`UPDATE lease SET row = '{"state":"active"}' WHERE id = 'a1'`)
    const log: string[] = []
    await healNouns({ store, nouns, log: (what) => log.push(what) })
    expect(log[0]).toBe('differs from the journal: lease a1: not what the journal says')
    expect(store.prepare("SELECT row FROM lease WHERE id = 'a1'").get()).toEqual({
      row: '{"state":"note 5"}',
    })
    expect((await audit.verify({})).ok).toBe(true)
  })

  it('is not logged where it is what the journal says', async () => {
    const { store } = await signed()
    await healNouns({
      store,
      nouns,
      log: (what) => {
        throw new Error(what)
      },
    })
  })

  it('never contains an approval or lease that a broken journal lacks', async () => {
    const { store } = await signed()
    store.exec(
      `DROP TRIGGER event_is_never_changed; UPDATE event SET at = at + 1 WHERE seq = 2; UPDATE lease SET row = '{"state":"active"}' WHERE id = 'a1'`,
    )
    await expect(healNouns({ store, nouns, log: () => {} })).rejects.toMatchObject({
      code: 'journal.corrupt',
      message: expect.stringContaining('lease a1') as string,
    })
  })

  it('is unchanged when only the journal was changed, which verification reports', async () => {
    const { store, audit } = await signed()
    store.exec(
      `DROP TRIGGER event_is_never_changed; UPDATE event SET body = '{"note":"note X"}' WHERE seq = 6`,
    )
    const log: string[] = []
    await healNouns({ store, nouns, log: (what) => log.push(what) })
    expect(log.at(-1)).toMatch(/changed at event 6/)
    expect(store.prepare("SELECT row FROM lease WHERE id = 'a1'").get()).toEqual({
      row: '{"state":"note 5"}',
    })
    expect(await audit.verify({})).toMatchObject({ ok: false, firstBad: 6 })
  })
})
