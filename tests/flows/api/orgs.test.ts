import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const ACME = { name: 'Acme', slug: 'acme' }

interface MadeOrg extends Record<string, unknown> {
  organization: { id: string }
  api_key: { key: string }
}

test('an admin makes an organisation, whose first key works there and nowhere else', async () => {
  expect((await api.call('POST /orgs', ACME, { as: 'member' })).status).toBe(403)
  const made = await api.call<MadeOrg>('POST /orgs', ACME)
  expect(made).toMatchObject({
    status: 201,
    body: { organization: ACME, api_key: { role: 'admin', warning: expect.any(String) as string } },
  })
  expect((await api.call('POST /orgs', ACME)).status).toBe(409)
  expect((await api.call('POST /orgs', { name: 'Acme', slug: 'Not A Slug' })).status).toBe(400)
  const { organization, api_key: first } = made.body
  const theirs = { as: first.key }
  expect(await api.call('GET /orgs', undefined, theirs)).toMatchObject({
    body: { organizations: [{ id: organization.id, name: 'Acme' }] },
  })
  expect(await api.call(`GET /orgs/${organization.id}`, undefined, theirs)).toMatchObject({
    body: { active_keys: 1 },
  })
  for (const address of [`/orgs/${organization.id}`, `/orgs/${organization.id}/keys`, '/orgs/x'])
    expect((await api.call(`GET ${address}`)).status).toBe(403)
  expect((await api.call(`PATCH /orgs/${organization.id}`, { name: 'Mine' })).status).toBe(403)
  expect((await api.call(`POST /orgs/${organization.id}/keys`, {})).status).toBe(403)
})

test('an organisation is renamed by its admins', async () => {
  expect((await api.call('PATCH /orgs/org_default', { name: '' })).status).toBe(400)
  expect((await api.call('PATCH /orgs/org_default', { slug: 'other' })).status).toBe(400)
  expect(await api.call('PATCH /orgs/org_default', { name: 'Ours' })).toMatchObject({
    status: 200,
    body: { organization: { id: 'org_default', slug: 'default', name: 'Ours' } },
  })
})

test('keys are made with a role, shown once, and ended at once', async () => {
  const address = '/orgs/org_default/keys'
  expect((await api.call(`POST ${address}`, { role: 'owner' })).status).toBe(400)
  const made = await api.call<{ key: { id: string; key: string } }>(`POST ${address}`, {
    label: 'nightly',
    role: 'readonly',
  })
  expect(made.status).toBe(201)
  const { id, key } = made.body.key
  expect(key).toMatch(/^oc_live_[0-9a-f]{32}$/)
  expect((await api.call('GET /actions', undefined, { as: key })).status).toBe(200)
  expect((await api.call('POST /guard', { action_type: 'test' }, { as: key })).status).toBe(403)
  const listed = await api.call(`GET ${address}`)
  expect(listed.body).toMatchObject({ keys: expect.arrayContaining([]) as unknown[] })
  expect(JSON.stringify(listed.body)).not.toContain(key)
  expect(await api.call(`DELETE ${address}?id=${id}`)).toMatchObject({
    status: 200,
    body: { success: true, revoked: id },
  })
  expect((await api.call('GET /actions', undefined, { as: key })).status).toBe(401)
  expect((await api.call(`DELETE ${address}?id=${id}`)).status).toBe(409)
  expect((await api.call(`DELETE ${address}?id=key_none`)).status).toBe(404)
  expect((await api.call(`DELETE ${address}`)).status).toBe(400)
})

test('a key of another organisation cannot be ended', async () => {
  const { body } = await api.call<MadeOrg>('POST /orgs', ACME)
  const [mine] = api.deck.deck.orgs.keys('org_default')
  const address = `DELETE /orgs/${body.organization.id}/keys?id=${mine?.id ?? ''}`
  expect((await api.call(address, undefined, { as: body.api_key.key })).status).toBe(404)
})
