import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
beforeEach(async () => {
  clock = new ManualClock()
  api = await new ApiDeck((act) => cleanups.push(act), clock).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function theirs() {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  return { as: await api.key(org, 'admin') }
}

describe('a heartbeat', () => {
  const beat = (fields: object = {}) =>
    api.call('POST /agents/heartbeat', { agent_id: 'scout', ...fields })
  const written = () => api.deck.events().filter(({ type }) => type === 'api_agent.beat')

  test('is written down when it says something new, and now and then', async () => {
    expect(await beat({ agent_name: 'Scout', metadata: null })).toMatchObject({
      status: 200,
      body: { status: 'ok', timestamp: new Date(clock.now()).toISOString() },
    })
    clock.advance(MINUTE)
    await beat({ agent_name: 'Scout' })
    await beat()
    expect(written()).toHaveLength(1)
    await beat({ status: 'busy', current_task_id: 'task-1' })
    expect(written()).toHaveLength(2)
    clock.advance(6 * MINUTE)
    await beat({ status: 'busy', current_task_id: 'task-1' })
    expect(written().map(({ subject, body }) => [subject, body])).toMatchObject([
      ['scout@default', { label: 'Scout', status: 'online', task: null }],
      ['scout@default', { status: 'busy', task: 'task-1' }],
      ['scout@default', { label: 'Scout', status: 'busy' }],
    ])
  })

  test('is known after a restart', async () => {
    await beat({ current_task_id: 'task-1' })
    await api.deck.stop()
    await api.deck.start()
    await api.open()
    const silent = async () => (await api.call('GET /signals')).body['signals']
    clock.advance(9 * MINUTE)
    expect(await silent()).toEqual([])
    clock.advance(2 * MINUTE)
    expect(await silent()).toMatchObject([{ type: 'agent_silent', severity: 'red' }])
  })

  test('needs an agent and a small body', async () => {
    expect((await api.call('POST /agents/heartbeat', {})).status).toBe(400)
    expect((await beat({ metadata: { long: 'x'.repeat(20_000) } })).status).toBe(400)
    for (const metadata of ['busy', 7, ['busy'], true])
      expect((await beat({ metadata })).status).toBe(400)
    expect((await beat({ metadata: { load: 0.5 } })).status).toBe(200)
    const readonly = await api.call('POST /agents/heartbeat', { agent_id: 'a' }, { as: 'readonly' })
    expect(readonly.status).toBe(403)
  })
})

describe('connections', () => {
  const report = (connections: unknown, options = {}) =>
    api.call('POST /agents/connections', { agent_id: 'scout', connections }, options)

  test('are told again by provider, and a wrong one does not fail the others', async () => {
    const both = [
      { provider: 'openai', planName: 'team' },
      { provider: 'github', authType: 'oauth' },
    ]
    expect(await report(both)).toMatchObject({
      status: 200,
      body: { created: 2, connections: [{ plan_name: 'team' }, { auth_type: 'oauth' }] },
    })
    const again = await report([{ provider: 'openai', status: 'error' }, { auth_type: 'oauth' }, 7])
    expect(again).toMatchObject({
      status: 200,
      body: { created: 1, errors: [{ provider: '' }, { provider: '' }] },
    })
    expect(await api.call('GET /agents/connections?provider=openai')).toMatchObject({
      body: { total: 1, connections: [{ agent_id: 'scout', status: 'error', plan_name: null }] },
    })
    const other = await theirs()
    expect(await api.call('GET /agents/connections', undefined, other)).toMatchObject({
      body: { total: 0 },
    })
  })

  test('are a list of some, by somebody who may', async () => {
    expect((await report([])).status).toBe(400)
    expect((await report('openai')).status).toBe(400)
    expect((await report([{ provider: 'openai' }], { as: 'readonly' })).status).toBe(403)
  })
})

describe('a session', () => {
  const begun = async () => {
    const { body } = await api.call<{ session: { id: string } }>('POST /sessions', {
      agent_id: 'scout',
      workspace: '/repo',
      branch: null,
    })
    return body.session.id
  }

  test('runs through statuses, adds up its actions, and ends', async () => {
    const id = await begun()
    expect(id).toMatch(/^sess_[0-9a-f]{12}$/)
    clock.advance(MINUTE)
    const change = (fields: object) => api.call(`PATCH /sessions/${id}`, fields)
    await change({ status: 'running', commits_behind: 2 })
    await change({ status: 'blocked', blocked_reason: 'no key' })
    for (const risk of [10, 40])
      await api.call('POST /actions', {
        agent_id: 'scout',
        action_type: 'research',
        declared_goal: 'read',
        session_id: id,
        risk_score: risk,
        cost_estimate: 0.25,
      })
    expect(await api.call(`GET /sessions/${id}`)).toMatchObject({
      body: {
        session: {
          workspace: '/repo',
          branch: null,
          status: 'blocked',
          blocked_reason: 'no key',
          commits_behind: 2,
          action_count: 2,
          total_cost: 0.5,
          max_risk: 40,
          event_count: 3,
        },
      },
    })
    expect((await change({ status: 'finished' })).status).toBe(200)
    expect((await change({ status: 'running' })).status).toBe(409)
    const { body } = await api.call<{ events: { seq: number; kind: string }[] }>(
      `GET /sessions/${id}/events`,
    )
    expect(body.events.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
      '1 spawning',
      '2 running',
      '3 blocked',
      '4 finished',
    ])
    expect(await api.call('GET /sessions?agent_id=scout&status=finished')).toMatchObject({
      body: { sessions: [{ id }] },
    })
    expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
  })

  test('is changed by its organisation alone, in what it has', async () => {
    const [id, other] = [await begun(), await theirs()]
    expect((await api.call('POST /sessions', {})).status).toBe(400)
    expect((await api.call(`PATCH /sessions/${id}`, {})).status).toBe(400)
    expect((await api.call(`PATCH /sessions/${id}`, { status: 'happy' })).status).toBe(400)
    expect((await api.call('PATCH /sessions/none', { status: 'running' })).status).toBe(404)
    for (const call of [`GET /sessions/${id}`, `GET /sessions/${id}/events`])
      expect((await api.call(call, undefined, other)).status).toBe(404)
  })
})

describe('tokens', () => {
  test('add up by day and agent', async () => {
    const report = (fields: object) => api.call('POST /tokens', fields)
    expect(
      await report({ agent_id: 'scout', tokens_in: 1000, tokens_out: null, model: 'gpt-4o' }),
    ).toMatchObject({
      status: 201,
      body: { snapshot: { tokens_in: 1000, tokens_out: 0, estimated_cost: 0.0025 } },
    })
    clock.advance(DAY)
    await report({
      agent_id: 'scout',
      tokens_out: 100,
      model: 'gpt-4o',
      context_used: 5,
      context_max: 10,
    })
    await report({ agent_id: 'scribe', tokens_in: 7, session_id: 's-1' })
    expect(await api.call('GET /tokens')).toMatchObject({
      body: {
        current: { agentId: 'scribe', sessionKey: 's-1' },
        today: { tokensIn: 7, tokensOut: 100, totalTokens: 107, snapshots: 2 },
        history: [
          { date: '2026-01-01', tokensIn: 1000 },
          { date: '2026-01-02', totalTokens: 107 },
        ],
        timeline: [{ tokensIn: 1000 }, { tokensOut: 100, contextPct: 50 }, { tokensIn: 7 }],
      },
    })
    expect(await api.call('GET /tokens?agent_id=scout')).toMatchObject({
      body: { today: { totalTokens: 100 }, history: [{ tokensIn: 1000 }, { tokensOut: 100 }] },
    })
    expect((await report({ agent_id: 'scout' })).status).toBe(400)
    expect((await report({ tokens_in: 'many' })).status).toBe(400)
    expect(await api.call('GET /tokens', undefined, await theirs())).toMatchObject({
      body: { current: null, today: { totalTokens: 0 }, history: [] },
    })
  })
})

describe('the memory', () => {
  test('has the lists that were told last', async () => {
    const told = { health: { score: 80 }, entities: [{ name: 'maya' }, { name: 'api' }] }
    expect(await api.call('POST /memory', told)).toMatchObject({
      status: 201,
      body: { entities_count: 2, topics_count: 0, snapshot: { health: { score: 80 } } },
    })
    await api.call('POST /memory', { health: 'fine', entities: [], topics: ['tests'] })
    const kept = api.deck
      .events()
      .filter(({ body }) => 'kind' in body && body.kind === 'memory_set')
    expect(kept.map(({ body }) => body)).toMatchObject([
      { key: 'entities', data: { items: [{ name: 'maya' }, { name: 'api' }] } },
      { key: 'entities', data: { items: [] } },
      { key: 'topics', data: { items: ['tests'] } },
    ])
    expect((await api.call('POST /memory', {})).status).toBe(400)
    const many = Array.from({ length: 101 }, () => 'x')
    expect((await api.call('POST /memory', { health: {}, topics: many })).status).toBe(400)
  })
})

describe('a digest', () => {
  test('of a day counts what happened then; without a day it shows what is newest', async () => {
    const act = (agent_id: string, status: string) =>
      api.call('POST /actions', {
        agent_id,
        action_type: 'research',
        declared_goal: 'read',
        status,
        risk_score: 10,
      })
    await act('scout', 'completed')
    await api.call('POST /goals', { title: 'ship', agent_id: 'scout' })
    clock.advance(DAY)
    await act('scout', 'failed')
    await act('scribe', 'completed')
    expect(await api.call('GET /digest?date=2026-01-01')).toMatchObject({
      body: {
        date: '2026-01-01',
        actions_count: 1,
        digest: { actions: { completed: 1, failed: 0, avg_risk: 10 }, goals: { total: 1 } },
        summary: { total_activities: 2, action_count: 1, goal_count: 1 },
      },
    })
    expect(await api.call('GET /digest?date=2026-01-02&agent_id=scout')).toMatchObject({
      body: { agent_id: 'scout', digest: { actions: { total: 1, failed: 1 } } },
    })
    expect(await api.call('GET /digest?agent_id=scout')).toMatchObject({
      body: { date: null, summary: { action_count: 2, goal_count: 1 } },
    })
    expect((await api.call('GET /digest?date=yesterday')).status).toBe(400)
    expect(await api.call('GET /digest', undefined, await theirs())).toMatchObject({
      body: { summary: { total_activities: 0 } },
    })
  })
})
