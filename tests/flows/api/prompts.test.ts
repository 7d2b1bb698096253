import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Row extends Record<string, unknown> {
  id: string
}

async function template(over: object = {}): Promise<string> {
  const given = { name: 'greeting', category: 'mail', ...over }
  return (await api.call<Row>('POST /prompts/templates', given)).body.id
}

async function version(of: string, content: string): Promise<string> {
  return (await api.call<Row>(`POST /prompts/templates/${of}/versions`, { content })).body.id
}

describe('a prompt template', () => {
  test('is made, found by its category, changed and deleted with its versions', async () => {
    const made = await api.call<Row>('POST /prompts/templates', { name: 'greeting' })
    expect(made).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^pt_/), description: null, category: null },
    })
    const id = await template()
    expect(await api.call('GET /prompts/templates?category=mail')).toMatchObject({
      body: { templates: [{ id }] },
    })
    const address = `/prompts/templates/${id}`
    expect(await api.call(`PATCH ${address}`, { description: 'says hello' })).toMatchObject({
      body: { description: 'says hello', name: 'greeting' },
    })
    const vid = await version(id, 'Hi')
    expect((await api.call(`DELETE ${address}`)).body).toEqual({ deleted: true })
    expect((await api.call(`GET ${address}`)).status).toBe(404)
    expect((await api.call('POST /prompts/render', { version_id: vid })).status).toBe(404)
    expect((await api.call('POST /prompts/templates', { name: '' })).status).toBe(400)
  })

  test('has numbered versions, one of which is active', async () => {
    const id = await template()
    const address = `/prompts/templates/${id}/versions`
    const content = 'Hello {{ name }}, from {{team}}'
    expect(await api.call(`POST ${address}`, { content, changelog: 'first' })).toMatchObject({
      status: 201,
      body: { template_id: id, version: 1, content, is_active: false },
    })
    const second = await version(id, 'Hi {{name}}')
    const render = { template_id: id, variables: { name: 'Ada' } }
    expect((await api.call('POST /prompts/render', render)).status).toBe(404)
    const activated = await api.call(`POST ${address}/${second}`)
    expect(activated).toMatchObject({ status: 200, body: { version: 2, is_active: true } })
    expect(await api.call(`GET ${address}`)).toMatchObject({
      body: {
        versions: [
          { version: 2, is_active: true },
          { version: 1, is_active: false },
        ],
      },
    })
    const [, { id: first } = { id: '' }] = (await api.call<{ versions: Row[] }>(`GET ${address}`))
      .body.versions
    await api.call(`POST ${address}/${first}`)
    expect(await api.call(`GET ${address}/${second}`)).toMatchObject({ body: { is_active: false } })
    expect(await api.call('POST /prompts/render', render)).toMatchObject({
      status: 200,
      body: {
        rendered: 'Hello Ada, from {{team}}',
        template_id: id,
        version_id: first,
        version: 1,
        parameters: ['name', 'team'],
      },
    })
    expect((await api.call(`POST ${address}/none`)).status).toBe(404)
    expect((await api.call(`GET ${address}/none`)).status).toBe(404)
    expect((await api.call('POST /prompts/templates/none/versions', { content })).status).toBe(404)
    expect((await api.call('GET /prompts/templates/none/versions')).status).toBe(404)
    expect((await api.call(`POST ${address}`, {})).status).toBe(400)
  })
})

test('renderings are recorded where that is asked for, and counted', async () => {
  const id = await template()
  const vid = await version(id, 'Hi {{name}}')
  const render = { version_id: vid, variables: { name: { first: 'Ada' } }, agent_id: null }
  const plain = await api.call('POST /prompts/render', render)
  expect(plain.body).toMatchObject({ rendered: 'Hi {"first":"Ada"}' })
  expect(plain.body).not.toHaveProperty('run_id')
  const recorded = { ...render, record: true, agent_id: 'scout', action_id: 'a1' }
  const { body } = await api.call('POST /prompts/render', recorded)
  expect(await api.call(`GET /prompts/runs?template_id=${id}&version_id=${vid}`)).toMatchObject({
    body: { runs: [{ id: body['run_id'], agent_id: 'scout', action_id: 'a1' }] },
  })
  expect((await api.call('GET /prompts/runs?version_id=none')).body).toEqual({ runs: [] })
  expect(await api.call(`GET /prompts/stats?template_id=${id}`)).toMatchObject({
    body: {
      overall: { total_runs: 1 },
      by_template: [{ template_id: id, total_runs: 1 }],
      by_version: [{ version_id: vid, version: 1, total_runs: 1 }],
      available: true,
    },
  })
  expect((await api.call('POST /prompts/render', { variables: {} })).status).toBe(400)
  expect((await api.call('POST /prompts/render', { ...render, variables: [] })).status).toBe(400)
})

test('prompts need a key, and are those of its organisation', async () => {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const as = await api.key(org, 'admin')
  const id = await template()
  const vid = await version(id, 'Hi')
  for (const call of ['GET /prompts/templates', 'POST /prompts/render', 'GET /prompts/stats'])
    expect((await api.call(call, undefined, { as: null })).status).toBe(401)
  expect((await api.call(`GET /prompts/templates/${id}`, undefined, { as })).status).toBe(404)
  expect((await api.call('POST /prompts/render', { version_id: vid }, { as })).status).toBe(404)
  expect((await api.call('GET /prompts/templates', undefined, { as })).body).toEqual({
    templates: [],
  })
  const readonly = await api.call('POST /prompts/templates', { name: 'x' }, { as: 'readonly' })
  expect(readonly.status).toBe(403)
})
