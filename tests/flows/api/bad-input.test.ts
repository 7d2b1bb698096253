import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiEndpoints } from '../../../src/commands/api/endpoints.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { callName, type ApiProbe } from '../../support/api-rows.ts'
import { flawsOfRow } from '../../support/api-trials.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let probe: ApiProbe
beforeAll(async () => {
  const api = await new ApiDeck((act) => cleanups.push(act)).start()
  const { orgs } = api.deck.deck
  const { key, secret } = await orgs.createKey(
    { org: 'org_default', label: 'gone', role: 'admin' },
    OPERATOR,
  )
  await orgs.revokeKey(key.id, null, OPERATOR)
  const { id } = await orgs.create({ slug: 'other', name: 'Other' }, OPERATOR)
  const other = await api.key(id, 'admin')
  probe = { url: api.url, keys: api.keys, revoked: secret, other }
})
afterAll(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('every row refuses what is wrong, and never fails', () => {
  test.each(apiEndpoints.map((row) => [callName(row), row] as const))('%s', async (_, row) => {
    expect((await flawsOfRow(probe, row)).join('\n')).toBe('')
  })
})
