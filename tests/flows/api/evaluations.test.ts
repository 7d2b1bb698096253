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

const GREEN = { name: 'green', scorer_type: 'regex', config: { pattern: 'all\\s+green' } }

async function scorer(over: object = {}): Promise<string> {
  return String((await api.call('POST /evaluations/scorers', { ...GREEN, ...over })).body['id'])
}

describe('a scorer', () => {
  test('is made by an admin key, with a name of its own', async () => {
    const call = 'POST /evaluations/scorers'
    expect((await api.call(call, GREEN, { as: 'member' })).status).toBe(403)
    expect(await api.call(call, { ...GREEN, description: null })).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^es_/), name: 'green', scorer_type: 'regex' },
    })
    expect((await api.call(call, GREEN)).status).toBe(409)
    const id = await scorer({ name: 'other' })
    const address = `/evaluations/scorers/${id}`
    expect((await api.call(`PATCH ${address}`, { name: 'green' })).status).toBe(409)
    expect((await api.call(`PATCH ${address}`, { config: { pattern: '(' } })).status).toBe(400)
    expect(await api.call(`PATCH ${address}`, { description: 'mine' })).toMatchObject({
      status: 200,
      body: { name: 'other', description: 'mine' },
    })
    expect(await api.call('GET /evaluations/scorers')).toMatchObject({
      body: {
        llm_available: false,
        scorers: [{ name: 'other', total_scores: 0, avg_score: null }, { name: 'green' }],
      },
    })
    expect((await api.call(`DELETE ${address}`)).body).toEqual({ deleted: true })
    expect((await api.call(`DELETE ${address}`)).status).toBe(404)
  })

  test.each([
    [{ scorer_type: 'custom_function', config: { expression: '1' } }, /never run/],
    [{ scorer_type: 'llm_judge', config: {} }, /needs a model/],
    [{ scorer_type: 'magic' }, /unknown/],
    [{ config: { pattern: '(((((a{1,100}){1,100}){1,100}){1,100}){1,100})' } }, /pattern/],
  ])('%j is refused with the reason', async (over, why) => {
    const refused = await api.call('POST /evaluations/scorers', { ...GREEN, ...over })
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringMatching(why) } })
  })
})

describe('evaluations', () => {
  test('are given by hand, found and added up', async () => {
    const id = await finishedAction(api)
    const given = { action_id: id, scorer_name: 'maya', score: 0.9, evaluated_by: 'maya' }
    expect(await api.call('POST /evaluations', given)).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^ev_/), action_id: id, scorer_name: 'maya', score: 0.9 },
    })
    await api.call('POST /evaluations', { action_id: 'elsewhere', scorer_name: 'bot', score: 0.2 })
    const total = async (query: string) =>
      (await api.call(`GET /evaluations?${query}`)).body['total']
    expect(await total('')).toBe(2)
    expect(await total(`action_id=${id}`)).toBe(1)
    expect(await total('agent_id=scout')).toBe(1)
    expect(await total('min_score=0.3')).toBe(1)
    expect(await total('max_score=0.3&scorer_name=bot')).toBe(1)
    expect(await total('evaluated_by=nobody')).toBe(0)
    expect(await api.call('GET /evaluations/stats')).toMatchObject({
      body: {
        overall: { total: 2, avg_score: 0.55 },
        by_scorer: [{ scorer_name: 'bot' }, { scorer_name: 'maya', avg_score: 0.9 }],
        trends: [{ total: 2 }],
        distribution: [
          { bucket: 'excellent', count: 1 },
          { bucket: 'poor', count: 1 },
        ],
      },
    })
    expect(await api.call('GET /evaluations/stats?agent_id=scout&scorer_name=maya')).toMatchObject({
      body: { overall: { total: 1 } },
    })
    for (const bad of [{ score: 1.1 }, { score: '1' }, { action_id: null }, { scorer_name: '' }])
      expect((await api.call('POST /evaluations', { ...given, ...bad })).status).toBe(400)
  })

  test('are given by a run to the actions that fit', async () => {
    await finishedAction(api, { outcome: { output_summary: 'All  green' } })
    await finishedAction(api, { outcome: { output_summary: 'red' } })
    await finishedAction(api, { agent_id: 'other', outcome: { output_summary: 'all green' } })
    const run = await api.call('POST /evaluations/runs', {
      name: 'nightly',
      scorer_id: await scorer(),
      action_filters: { agent_id: 'scout' },
    })
    expect(run).toMatchObject({
      status: 201,
      body: { name: 'nightly', status: 'completed', scored: 2, avg_score: 0.5 },
    })
    expect(await api.call(`GET /evaluations/runs/${String(run.body['id'])}`)).toMatchObject({
      body: {
        run: { name: 'nightly' },
        distribution: [
          { bucket: 'excellent', count: 1, avg_score: 1 },
          { bucket: 'poor', count: 1, avg_score: 0 },
        ],
      },
    })
    expect(await api.call('GET /evaluations/runs?status=completed')).toMatchObject({
      body: { runs: [{ name: 'nightly' }] },
    })
    expect(await api.call('GET /evaluations?scorer_name=green')).toMatchObject({
      body: { total: 2 },
    })
    expect(await api.call('GET /evaluations/scorers')).toMatchObject({
      body: { scorers: [{ total_scores: 2, avg_score: 0.5 }] },
    })
    const unknown = { name: 'x', scorer_id: 'none' }
    expect((await api.call('POST /evaluations/runs', unknown)).status).toBe(404)
    expect((await api.call('GET /evaluations/runs/none')).status).toBe(404)
  })

  test('of one organisation are not seen by another', async () => {
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const as = await api.key(org, 'admin')
    const id = await scorer()
    await api.call('POST /evaluations', { action_id: 'a', scorer_name: 'green', score: 1 })
    const theirs = (call: string, body?: object) => api.call(call, body, { as })
    expect((await theirs(`PATCH /evaluations/scorers/${id}`, { name: 'x' })).status).toBe(404)
    expect((await theirs('POST /evaluations/runs', { name: 'x', scorer_id: id })).status).toBe(404)
    expect((await theirs('GET /evaluations')).body).toMatchObject({ total: 0 })
    expect((await theirs('GET /evaluations/stats')).body).toMatchObject({ overall: { total: 0 } })
    // A name is taken within an organisation only.
    expect((await theirs('POST /evaluations/scorers', GREEN)).status).toBe(201)
  })
})

describe('feedback', () => {
  test('has a sentiment and tags, is told by the guard, and is resolved', async () => {
    const id = await finishedAction(api)
    const given = { rating: 2, comment: 'Slow and expensive', action_id: id, tags: ['mine'] }
    const made = await api.call('POST /feedback', given, { as: 'member' })
    expect(made).toMatchObject({
      status: 201,
      body: { sentiment: 'negative', tags: ['mine', 'performance', 'cost'], agent_id: 'scout' },
    })
    await api.call('POST /feedback', { comment: 'great', agent_id: 'scout', category: 'ux' })
    const guard = { action_type: 'research', agent_id: 'scout' }
    expect((await api.call('POST /guard', guard)).body).toMatchObject({
      learning: { feedback_summary: '1 positive and 1 negative of 2 ratings' },
    })
    const address = `/feedback/${String(made.body['id'])}`
    expect((await api.call('GET /feedback?resolved=false')).body).toMatchObject({ total: 2 })
    expect(await api.call(`PATCH ${address}`, { resolved_by: 'maya' })).toMatchObject({
      status: 200,
      body: { resolved: true, resolved_by: 'maya', rating: 2 },
    })
    expect(await api.call('GET /feedback?resolved=True')).toMatchObject({
      body: { total: 1, feedback: [{ action_id: id }] },
    })
    expect(await api.call('GET /feedback?sentiment=positive&category=ux')).toMatchObject({
      body: { total: 1 },
    })
    expect(await api.call('GET /feedback/stats')).toMatchObject({
      body: {
        overall: { total: 2, avg_rating: 2, unresolved: 1, positive: 1, negative: 1 },
        by_category: [{ category: 'general' }, { category: 'ux', positive: 1 }],
        by_agent: [{ agent_id: 'scout', total: 2 }],
        rating_distribution: { 2: 1 },
        top_tags: [{ count: 1 }, { count: 1 }, { count: 1 }],
      },
    })
    expect(await api.call('GET /feedback/stats?agent_id=scout')).toMatchObject({
      body: { overall: { total: 2 }, by_agent: [{ agent_id: 'scout' }] },
    })
    expect(await api.call(`GET ${address}`)).toMatchObject({ body: { comment: given.comment } })
    expect((await api.call(`DELETE ${address}`)).body).toEqual({ deleted: true })
    expect(await api.call('GET /feedback/stats')).toMatchObject({
      body: { overall: { total: 1, avg_rating: null, negative: 0 }, top_tags: [] },
    })
  })

  test('says something', async () => {
    for (const bad of [{}, { comment: ' ' }, { rating: 6 }, { rating: 1.5 }, { rating: 'good' }])
      expect((await api.call('POST /feedback', bad)).status).toBe(400)
    const readonly = await api.call('POST /feedback', { rating: 5 }, { as: 'readonly' })
    expect(readonly.status).toBe(403)
    expect((await api.call('GET /feedback/none')).status).toBe(404)
    expect((await api.call('PATCH /feedback/none', {})).status).toBe(404)
  })
})

test('an agent in a pod cannot change what is said of it', async () => {
  const a1 = await api.deck.agent('a1')
  const made = await a1.say('POST', '/api/feedback', { rating: 1 })
  expect(made).toMatchObject({ agent_id: 'a1', sentiment: 'negative' })
  const address = `/api/feedback/${(made as { id: string }).id}`
  const refused = { error: expect.stringContaining('what is said of agents') as string }
  expect(await a1.say('DELETE', address)).toMatchObject(refused)
  expect(await a1.say('PATCH', address, {})).toMatchObject(refused)
})
