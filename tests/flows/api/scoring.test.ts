import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finishedAction } from '../../support/api-actions.ts'
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

const SPEED = {
  name: 'speed',
  data_source: 'duration_ms',
  weight: 3,
  scale: [
    { label: 'fast', operator: 'lte', value: 1000, score: 100 },
    { label: 'slow', operator: 'gt', value: 1000, score: 20 },
  ],
}
const RISK = {
  name: 'risk',
  data_source: 'risk_score',
  sort_order: -1,
  scale: [{ label: 'low', operator: 'between', value: [0, 30], score: 80 }],
}

interface Profile extends Record<string, unknown> {
  id: string
  dimensions: { id: string; name: string }[]
}

async function profile(over: object = {}): Promise<Profile> {
  const given = { name: 'quality', dimensions: [SPEED, RISK], ...over }
  return (await api.call<Profile>('POST /scoring/profiles', given)).body
}

describe('a scoring profile', () => {
  test('is made with dimensions in order, changed, listed and deleted', async () => {
    const made = await api.call<Profile>('POST /scoring/profiles', {
      name: 'quality',
      dimensions: [SPEED, RISK],
    })
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^sp_[0-9a-f]{24}$/),
        composite_method: 'weighted_average',
        action_type: null,
        status: 'active',
        dimensions: [{ name: 'risk', weight: 1 }, { name: 'speed' }],
      },
    })
    const address = `/scoring/profiles/${made.body.id}`
    const change = { composite_method: 'minimum', status: 'archived' }
    expect(await api.call(`PATCH ${address}`, change)).toMatchObject({ status: 200, body: change })
    expect((await api.call(`PATCH ${address}`)).status).toBe(400)
    expect((await api.call(`PATCH ${address}`, { composite_method: 'magic' })).status).toBe(400)
    expect((await api.call('GET /scoring/profiles')).body).toEqual({ profiles: [] })
    expect(await api.call('GET /scoring/profiles?status=archived')).toMatchObject({
      body: { profiles: [{ id: made.body.id, dimensions: [{}, {}] }] },
    })
    expect(await api.call(`DELETE ${address}`)).toMatchObject({ body: { deleted: true } })
    expect((await api.call(`GET ${address}`)).status).toBe(404)
    expect((await api.call(`DELETE ${address}`)).status).toBe(404)
  })

  test('gets, changes and loses dimensions', async () => {
    const { id } = await profile({ dimensions: undefined })
    const address = `/scoring/profiles/${id}/dimensions`
    const added = await api.call(`POST ${address}`, SPEED)
    expect(added).toMatchObject({ status: 201, body: { name: 'speed', profile_id: id, weight: 3 } })
    const one = `${address}/${String(added.body['id'])}`
    expect(await api.call(`PATCH ${one}`, { weight: 2 })).toMatchObject({
      status: 200,
      body: { weight: 2, name: 'speed' },
    })
    expect((await api.call(`PATCH ${one}`, {})).status).toBe(400)
    expect((await api.call(`PATCH ${address}/none`, { weight: 1 })).status).toBe(404)
    expect(await api.call(`DELETE ${one}`)).toMatchObject({ body: { deleted: true } })
    expect(await api.call(`GET /scoring/profiles/${id}`)).toMatchObject({
      body: { dimensions: [] },
    })
    expect((await api.call('POST /scoring/profiles/none/dimensions', SPEED)).status).toBe(404)
  })

  test('runs no code of a request', async () => {
    const code = { name: 'x', data_source: 'custom_function', data_config: { function_body: '1' } }
    const refused = await api.call('POST /scoring/profiles', { name: 'p', dimensions: [code] })
    expect(refused).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/never run.*metadata_field/) },
    })
    const { id } = await profile()
    expect((await api.call(`POST /scoring/profiles/${id}/dimensions`, code)).status).toBe(400)
  })
})

describe('scores', () => {
  test('are given by a profile, kept, and summed up', async () => {
    const { id } = await profile()
    const action = { action_id: 'a1', agent_id: 'scout', duration_ms: 500, risk_score: 10 }
    expect(await api.call('POST /scoring/score', { profile_id: id, action })).toMatchObject({
      status: 200,
      body: {
        id: expect.stringMatching(/^ps_/),
        composite_score: 95,
        action_id: 'a1',
        dimensions: [
          { label: 'low', score: 80 },
          { label: 'fast', score: 100 },
        ],
      },
    })
    const actions = [{ ...action, action_id: 'a2', duration_ms: 5000 }, { action_id: 'a3' }]
    expect(await api.call('POST /scoring/score', { profile_id: id, actions })).toMatchObject({
      body: {
        results: [
          { action_id: 'a2', composite_score: 35 },
          { action_id: 'a3', error: expect.any(String) },
        ],
        summary: { total: 2, scored: 1, avg_score: 35 },
      },
    })
    const scores = await api.call(`GET /scoring/score?profile_id=${id}&agent_id=scout`)
    expect(scores.body['scores']).toHaveLength(2)
    expect(await api.call('GET /scoring/score?action_id=a1')).toMatchObject({
      body: { scores: [{ composite_score: 95 }] },
    })
    expect(await api.call(`GET /scoring/score?view=stats&profile_id=${id}`)).toMatchObject({
      body: { total_scores: 2, avg_score: 65, min_score: 35, max_score: 95, unique_actions: 2 },
    })
  })

  test('need a profile, an action, and something to score', async () => {
    const { id } = await profile()
    const score = (body: object) => api.call('POST /scoring/score', body)
    expect((await score({ profile_id: 'none', action: {} })).status).toBe(404)
    expect((await score({ profile_id: id })).status).toBe(400)
    expect((await score({ profile_id: id, action: {} })).status).toBe(400)
    expect((await score({ profile_id: id, action: [] })).status).toBe(400)
    expect((await score({ profile_id: id, actions: [] })).status).toBe(400)
    expect((await api.call('GET /scoring/score?view=stats')).status).toBe(400)
  })

  test('go by the evaluations of an action where a dimension asks for them', async () => {
    const { id } = await profile({ dimensions: [{ name: 'judged', data_source: 'eval_score' }] })
    await api.call('POST /evaluations', { action_id: 'a1', scorer_name: 'me', score: 0.5 })
    const action = { action_id: 'a1' }
    expect(await api.call('POST /scoring/score', { profile_id: id, action })).toMatchObject({
      body: { dimensions: [{ raw_value: 0.5, label: 'unscaled' }] },
    })
  })
})

test('risk templates are made, listed, changed and deleted', async () => {
  const made = await api.call('POST /scoring/risk-templates', {
    name: 'production',
    action_type: 'deploy',
    base_risk: 40,
    rules: [{ condition: "metadata.env == 'production'", add: 20 }],
  })
  expect(made).toMatchObject({
    status: 201,
    body: { id: expect.stringMatching(/^rt_/), status: 'active', base_risk: 40 },
  })
  expect((await api.call('GET /scoring/risk-templates?action_type=test')).body).toEqual({
    templates: [],
  })
  expect(await api.call('GET /scoring/risk-templates?action_type=deploy')).toMatchObject({
    body: { templates: [{ name: 'production' }] },
  })
  const address = `/scoring/risk-templates/${String(made.body['id'])}`
  expect(await api.call(`PATCH ${address}`, { base_risk: 10 })).toMatchObject({
    body: { base_risk: 10, name: 'production' },
  })
  const unreadable = { rules: [{ condition: 'process.exit()', add: 1 }] }
  expect((await api.call(`PATCH ${address}`, unreadable)).status).toBe(400)
  const bad = { name: 'x', ...unreadable }
  expect((await api.call('POST /scoring/risk-templates', bad)).status).toBe(400)
  expect((await api.call(`DELETE ${address}`)).body).toEqual({ deleted: true })
})

test('scales are suggested from past actions', async () => {
  expect(await api.call('POST /scoring/calibrate', {})).toMatchObject({
    status: 200,
    body: { status: 'insufficient_data', count: 0, suggestions: [] },
  })
  for (let i = 1; i <= 10; i++)
    await finishedAction(api, { risk_score: i, outcome: { duration_ms: 100 * i } })
  expect(
    await api.call('POST /scoring/calibrate', { metrics: ['duration_ms'], agent_id: 'scout' }),
  ).toMatchObject({
    body: {
      status: 'ok',
      count: 10,
      action_type: '(all)',
      suggestions: [{ metric: 'duration_ms', sample_size: 10, distribution: { p50: 600 } }],
    },
  })
  expect((await api.call('POST /scoring/calibrate', { metrics: ['mood'] })).status).toBe(400)
})

test('no organisation sees profiles and scores of another, and a readonly key makes none', async () => {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const as = await api.key(org, 'admin')
  const { id } = await profile()
  const score = { profile_id: id, action: { risk_score: 1 } }
  await api.call('POST /scoring/score', score)
  expect((await api.call('POST /scoring/score', score, { as })).status).toBe(404)
  expect((await api.call(`DELETE /scoring/profiles/${id}`, undefined, { as })).status).toBe(404)
  expect((await api.call('GET /scoring/score', undefined, { as })).body).toEqual({ scores: [] })
  expect((await api.call('POST /scoring/score', score, { as: 'readonly' })).status).toBe(403)
})
