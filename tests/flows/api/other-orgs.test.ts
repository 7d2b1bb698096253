import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiEndpoints } from '../../../src/commands/api/endpoints.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { filled, leaksOfRow } from '../../support/api-foreign.ts'
import { callName, type ApiProbe } from '../../support/api-rows.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
let probe: ApiProbe
let found: Awaited<ReturnType<typeof filled>>
let before: unknown[]
beforeAll(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
  const { id } = await api.deck.deck.orgs.create({ slug: 'other', name: 'Other' }, OPERATOR)
  const other = await api.key(id, 'admin')
  probe = { url: api.url, keys: api.keys, revoked: '', other }
  found = await filled(probe, apiEndpoints)
  before = rowsOfTheFirst()
}, 120_000)
afterAll(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** All that the first organisation has, but what is sent in its name while others ask. */
function rowsOfTheFirst(): unknown[] {
  const { store } = api.deck.running.composed.record
  return ['record', 'ledger'].flatMap((table) =>
    store
      .prepare(
        `SELECT row FROM ${table} WHERE org = 'org_default' AND id NOT LIKE '%/routing_post/%' ORDER BY id`,
      )
      .all(),
  )
}

describe('no row shows or changes what another organisation has', () => {
  test.each(apiEndpoints.map((row) => [callName(row), row] as const))('%s', async (_, row) => {
    expect((await leaksOfRow(probe, row, found)).join('\n')).toBe('')
  })

  test('and all that it has is as it was', () => {
    expect(before.length).toBeGreaterThan(2)
    expect(rowsOfTheFirst()).toEqual(before)
  })
})
