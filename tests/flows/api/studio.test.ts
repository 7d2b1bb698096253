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

const CONFIG = { primary: { provider: 'anthropic', model: 'claude' }, maxRetries: 2 }

async function strategy(): Promise<string> {
  const { body } = await api.call('POST /model-strategies', { name: 'careful', config: CONFIG })
  return String(body['strategy_id'])
}

async function template(more: object = {}): Promise<string> {
  const { body } = await api.call('POST /workflows/templates', {
    name: 'Nightly Build!',
    steps: [{ run: 'build' }],
    ...more,
  })
  return String(body['template_id'])
}

describe('a model strategy', () => {
  test('is merged with what is changed of its configuration, and checked as a whole', async () => {
    const id = await strategy()
    expect(id).toMatch(/^mst_/)
    const at = `/model-strategies/${id}`
    expect(
      await api.call(`PATCH ${at}`, { config: { maxRetries: null, costSensitivity: 'low' } }),
    ).toMatchObject({
      status: 200,
      body: {
        strategy: {
          strategy_id: id,
          name: 'careful',
          config: { primary: CONFIG.primary, costSensitivity: 'low' },
        },
      },
    })
    expect(await api.call(`PATCH ${at}`, { config: { primary: null } })).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/config\.primary/) },
    })
    expect((await api.call('POST /model-strategies', { name: 'none' })).status).toBe(400)
    expect((await api.call('POST /model-strategies', { name: 'x', config: {} })).status).toBe(400)
    expect((await api.call('GET /model-strategies/mst_none')).status).toBe(404)
    expect(await api.call('GET /model-strategies')).toMatchObject({ body: { total: 1 } })
  })

  test('that is deleted leaves no reference', async () => {
    const id = await strategy()
    const workflow = await template({ model_strategy_id: id })
    expect(await api.call(`DELETE /model-strategies/${id}`)).toMatchObject({
      status: 200,
      body: { deleted: true },
    })
    expect(await api.call(`GET /workflows/templates/${workflow}`)).toMatchObject({
      body: { template: { model_strategy_id: null, version: 1 } },
    })
  })
})

describe('a workflow template', () => {
  test('has a slug of its own, and a new version when its steps change', async () => {
    const id = await template()
    const at = `/workflows/templates/${id}`
    expect(await api.call(`GET ${at}`)).toMatchObject({
      body: { template: { template_id: id, slug: 'nightly-build', version: 1, status: 'draft' } },
    })
    expect(await api.call('POST /workflows/templates', { name: 'nightly build' })).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(/slug nightly-build/) },
    })
    expect(await api.call(`PATCH ${at}`, { status: 'active' })).toMatchObject({
      body: { template: { version: 1, status: 'active', steps: [{ run: 'build' }] } },
    })
    expect(
      await api.call(`PATCH ${at}`, { steps: [{ run: 'test' }], slug: 'Night' }),
    ).toMatchObject({ body: { template: { version: 2, slug: 'night' } } })
    // Its former slug is free, and its present one is not.
    expect((await api.call('POST /workflows/templates', { name: 'nightly build' })).status).toBe(
      201,
    )
    expect((await api.call('POST /workflows/templates', { name: 'night' })).status).toBe(409)
    expect(await api.call('GET /workflows/templates?status=active')).toMatchObject({
      body: { templates: [{ template_id: id }], total: 1 },
    })
  })

  test('is copied as a draft, as often as one likes', async () => {
    const id = await template({ status: 'active' })
    const copy = `POST /workflows/templates/${id}/duplicate`
    for (const slug of ['nightly-build-copy', 'nightly-build-copy-2'])
      expect(await api.call(copy)).toMatchObject({
        status: 201,
        body: { template: { slug, status: 'draft', version: 1, steps: [{ run: 'build' }] } },
      })
    expect((await api.call(copy, { slug: 'nightly-build' })).status).toBe(409)
    expect((await api.call('POST /workflows/templates/wft_none/duplicate')).status).toBe(404)
  })

  test('is written by admins, read by all, and seen by its organisation alone', async () => {
    const id = await template()
    const at = `/workflows/templates/${id}`
    const member = { as: 'member' as const }
    expect((await api.call('POST /workflows/templates', { name: 'x' }, member)).status).toBe(403)
    expect((await api.call(`PATCH ${at}`, { name: 'x' }, member)).status).toBe(403)
    expect((await api.call(`GET ${at}`, undefined, { as: 'readonly' })).status).toBe(200)
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const other = { as: await api.key(org, 'admin') }
    for (const call of [`GET ${at}`, `DELETE ${at}`, `POST ${at}/launch`, `POST ${at}/duplicate`])
      expect((await api.call(call, undefined, other)).status, call).toBe(404)
    expect((await api.call(`DELETE ${at}`)).body).toMatchObject({ deleted: true })
    expect(await template()).not.toBe(id)
  })

  test('is launched as an action that keeps the strategy as it was', async () => {
    const strategyId = await strategy()
    const id = await template({ model_strategy_id: strategyId })
    const launched = await api.call(`POST /workflows/templates/${id}/launch`, {}, { as: 'member' })
    expect(launched).toMatchObject({
      status: 201,
      body: {
        launch: {
          template_id: id,
          template_version: 1,
          resolved_strategy: { strategy_id: strategyId, name: 'careful', config: CONFIG },
        },
      },
    })
    const { action_id: action } = launched.body['launch'] as { action_id: string }
    expect(await api.call(`GET /actions/${action}`)).toMatchObject({
      body: {
        action: {
          agent_id: 'workflow_launcher',
          action_type: 'workflow_launch',
          status: 'running',
          trigger: `workflow:${id}`,
          reasoning: expect.stringMatching(/^WORKFLOW_LAUNCH_META=\{/) as string,
        },
      },
    })
  })

  test('is not launched where a policy blocks it', async () => {
    const policy = { effect: 'block', type: 'workflow_launch', target: '*' } as const
    await api.deck.deck.policy.add(policy, OPERATOR)
    const id = await template()
    expect(await api.call(`POST /workflows/templates/${id}/launch`)).toMatchObject({
      status: 403,
      body: { decision: { decision: 'block' } },
    })
  })
})

test('a collection counts its items', async () => {
  const { body } = await api.call('POST /knowledge/collections', { name: 'handbook' })
  const at = `/knowledge/collections/${String(body['collection_id'])}`
  expect(body).toMatchObject({ collection: { ingestion_status: 'empty', source_type: 'files' } })
  const item = { source_uri: 'https://example.org/a', metadata: { page: 1 } }
  expect(await api.call(`POST ${at}/items`, item)).toMatchObject({
    status: 201,
    body: { item: { ...item, status: 'pending', collection_id: body['collection_id'] } },
  })
  expect(await api.call(`GET ${at}`)).toMatchObject({
    body: { collection: { ingestion_status: 'pending', doc_count: 1 } },
  })
  expect(await api.call(`GET ${at}/items`)).toMatchObject({ body: { items: [item], total: 1 } })
  expect((await api.call(`POST ${at}/items`, { title: 'no address' })).status).toBe(400)
  expect((await api.call('POST /knowledge/collections/kc_none/items', item)).status).toBe(404)
  expect((await api.call('GET /knowledge/collections/kc_none/items')).status).toBe(404)
  expect(await api.call(`PATCH ${at}`, { description: 'ours' })).toMatchObject({
    body: { collection: { description: 'ours', doc_count: 1 } },
  })
  expect(
    (await api.call('POST /knowledge/collections', { name: 'x', source_type: 'y' })).status,
  ).toBe(400)
  expect(await api.call('GET /knowledge/collections?source_type=urls')).toMatchObject({
    body: { collections: [], total: 0 },
  })
})

test('capabilities are registered, found by filters that combine, and changed', async () => {
  const mail = { name: 'Send mail', category: 'comms', risk_level: 'high', tags: ['smtp'] }
  const { body } = await api.call('POST /capabilities', mail)
  const id = String(body['capability_id'])
  await api.call('POST /capabilities', {
    name: 'Read file',
    category: 'files',
    requires_approval: true,
  })
  expect(body).toMatchObject({
    capability: { slug: 'send-mail', requires_approval: false, health_status: 'unknown' },
  })
  expect((await api.call('POST /capabilities', mail)).status).toBe(409)
  expect((await api.call('POST /capabilities', { name: 'x', risk_level: 'huge' })).status).toBe(400)
  for (const query of ['search=SMTP', 'category=comms', 'risk_level=high&search=send'])
    expect(await api.call(`GET /capabilities?${query}`), query).toMatchObject({
      body: { capabilities: [{ capability_id: id }], total: 1 },
    })
  expect(await api.call('GET /capabilities?category=files&risk_level=high')).toMatchObject({
    body: { total: 0 },
  })
  expect(await api.call(`PATCH /capabilities/${id}`, { health_status: 'ok' })).toMatchObject({
    body: { capability: { health_status: 'ok', name: 'Send mail' } },
  })
  expect((await api.call(`PATCH /capabilities/${id}`, { source_type: 'magic' })).status).toBe(400)
  expect(await api.call('GET /capabilities/health')).toMatchObject({
    status: 200,
    body: { total: 2, capabilities: [{ name: 'Read file' }, { health_status: 'ok' }] },
  })
  expect((await api.call('GET /capabilities/cap_none')).status).toBe(404)
})
