import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finishedAction, RESEARCH } from '../../support/api-actions.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'

const DAY = 24 * 60 * 60_000
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

async function finish(times: number, told: Parameters<typeof finishedAction>[1] = {}) {
  const ids: string[] = []
  for (let i = 0; i < times; i++) ids.push(await finishedAction(api, told))
  return ids
}

async function recommended(query = '') {
  const { body } = await api.call<{ recommendations: { id: string; sample_size: number }[] }>(
    `GET /learning/recommendations?agent_id=scout${query}`,
  )
  return body.recommendations
}

describe('what agents learn', () => {
  test('is built from ten outcomes, and told by the guard and as lessons', async () => {
    const before = await api.call('POST /guard', RESEARCH)
    expect(before.body).not.toHaveProperty('learning')
    await finish(9, { confidence: 80, outcome: { duration_ms: 1000, cost_estimate: 0.02 } })
    expect(await recommended()).toEqual([])
    await finish(1, { confidence: 80, outcome: { status: 'failed', cost_estimate: 0.02 } })
    expect(await recommended()).toMatchObject([
      {
        action_type: 'research',
        sample_size: 10,
        success_rate: 0.9,
        hints: { prefer_reversible: true, confidence_floor: 80, expected_duration_ms: 1000 },
        active: true,
      },
    ])
    // 50 + 30 + 4 + 5 + 6 + 4 + 4, nine times, and 50 − 35 + 4 + 5 + 4 − 8.
    const learning = {
      recent_score_avg: 92,
      baseline_score_avg: 92,
      drift_status: null,
      patterns: [expect.stringMatching(/confidence of at least 80/)],
      feedback_summary: null,
    }
    expect((await api.call('POST /guard', RESEARCH)).body).toMatchObject({ learning })
    const created = await api.call('POST /actions', RESEARCH)
    expect(created.body).toMatchObject({ decision: { learning } })
    const other = await api.call('POST /guard', { ...RESEARCH, agent_id: 'other' })
    expect(other.body).not.toHaveProperty('learning')
    const lessons = await api.call('GET /learning/lessons?agent_id=scout', undefined, {
      as: 'readonly',
    })
    expect(lessons).toMatchObject({
      status: 200,
      body: {
        agent_id: 'scout',
        drift_warnings: [],
        lessons: [
          { action_type: 'research', hints: { expected_cost: 0.02 }, guidance: expect.any(String) },
        ],
      },
    })
  })

  test('an outcome that is told again replaces what was learned from it', async () => {
    const [id] = await finish(1)
    await api.call(`PATCH /actions/${id}`, { status: 'failed' })
    expect(await api.call('GET /learning/analytics/summary?agent_id=scout')).toMatchObject({
      body: { overall: { episode_count: 1, success_rate: 0, avg_score: 24 } },
    })
  })

  test('what it left open, and rested on wrongly, counts against an action', async () => {
    const { body } = await api.call('POST /actions', RESEARCH)
    const about = { action_id: String(body['action_id']) }
    await api.call('POST /actions/loops', { ...about, loop_type: 'question', description: 'why?' })
    await api.call('POST /actions/loops', { ...about, loop_type: 'question', description: 'how?' })
    const assumed = await api.call('POST /assumptions', { ...about, assumption: 'it is up' })
    const wrong = { validated: false, invalidated_reason: 'it was down' }
    await api.call(`PATCH /assumptions/${String(assumed.body['assumption_id'])}`, wrong)
    await api.call(`PATCH /actions/${about.action_id}`, { status: 'completed' })
    const summary = await api.call('GET /learning/analytics/summary?agent_id=scout')
    // 50 + 30 + 4 + 5, less 4 for the assumption and 2 for each loop.
    expect(summary.body).toMatchObject({ overall: { avg_score: 81 } })
  })

  test('decisions are written down and counted', async () => {
    const made = await api.call('POST /learning', {
      decision: 'cache the index',
      agent_id: 'scout',
      outcome: 'success',
    })
    expect(made).toMatchObject({
      status: 201,
      body: { decision: { id: expect.any(Number), confidence: 50, outcome: 'success' } },
    })
    await api.call('POST /learning', { decision: 'retry', context: { why: 'flaky' } })
    expect(await api.call('GET /learning')).toMatchObject({
      body: {
        decisions: [{ decision: 'retry', agent_id: null }, { decision: 'cache the index' }],
        stats: { totalDecisions: 2, totalLessons: 0, successRate: 100, patterns: 0 },
      },
    })
    expect((await api.call('GET /learning?agent_id=scout')).body['decisions']).toHaveLength(1)
    expect((await api.call('POST /learning', { decision: '' })).status).toBe(400)
    const refused = await api.call('POST /learning', { decision: 'x' }, { as: 'readonly' })
    expect(refused.status).toBe(403)
  })

  test('velocity and curves follow the days', async () => {
    await finish(2, { outcome: { status: 'failed' } })
    clock.advance(DAY)
    await finish(2)
    clock.advance(7 * DAY)
    await finish(1, { action_type: 'review' })
    expect(await api.call('GET /learning/analytics/velocity?agent_id=scout')).toMatchObject({
      body: { velocity: [{ episode_count: 5, period: 'daily', score_delta: 65 }] },
    })
    expect(await api.call('POST /learning/analytics/velocity', { period: 'weekly' })).toMatchObject(
      {
        status: 201,
        body: { agents_computed: 1, results: [{ period: 'weekly', episode_count: 5 }] },
      },
    )
    const recent = 'GET /learning/analytics/velocity?agent_id=scout&lookback_days=3'
    expect((await api.call(recent)).body).toEqual({ velocity: [] })
    expect(await api.call('GET /learning/analytics/curves?agent_id=scout')).toMatchObject({
      body: { curves: [{ action_type: 'research', episode_count: 4, success_rate: 0.5 }] },
    })
    const review = 'GET /learning/analytics/curves?agent_id=scout&action_type=review'
    expect((await api.call(review)).body).toEqual({ curves: [] })
    expect(await api.call('POST /learning/analytics/curves')).toMatchObject({
      status: 201,
      body: { curves_computed: 1 },
    })
    expect((await api.call('POST /learning/analytics/velocity', { period: 'x' })).status).toBe(400)
    expect(await api.call('GET /learning/analytics/summary')).toMatchObject({
      body: {
        overall: { episode_count: 5 },
        by_agent: [{ agent_id: 'scout', episode_count: 5 }],
        by_action_type: [{ action_type: 'research' }, { action_type: 'review' }],
        recommendations: { total: 0, active: 0 },
      },
    })
    expect(await api.call('GET /learning/analytics/maturity')).toMatchObject({
      body: {
        levels: [{ level: 'novice' }, {}, {}, {}, {}, { level: 'master' }],
        agents: [{ agent_id: 'scout', level: 'novice' }],
      },
    })
  })
})

describe('recommendations', () => {
  test('are built on request, by an admin key alone', async () => {
    const [id] = await finish(3)
    const asked = { agent_id: 'scout', action_id: id, min_samples: 2, lookback_days: 7 }
    const member = await api.call('POST /learning/recommendations', asked, { as: 'member' })
    expect(member.status).toBe(403)
    expect(await api.call('POST /learning/recommendations', asked)).toMatchObject({
      status: 200,
      body: {
        scored_episode: { action_id: id, score: 89 },
        episodes_scanned: 3,
        total: 1,
        recommendations: [{ sample_size: 3 }],
      },
    })
    const unknown = { ...asked, action_id: 'nobody' }
    expect((await api.call('POST /learning/recommendations', unknown)).status).toBe(404)
    // Nothing supports it any more: it goes.
    clock.advance(30 * DAY)
    await api.call('POST /learning/recommendations', { agent_id: 'scout', action_id: null })
    expect(await recommended()).toEqual([])
  })

  test('are switched off and stay off, and only admins see them then', async () => {
    await finish(10)
    const [{ id } = { id: '' }] = await recommended()
    const off = { active: false }
    const address = `PATCH /learning/recommendations/${id}`
    expect((await api.call(address, off, { as: 'member' })).status).toBe(403)
    expect((await api.call(address, { active: 'perhaps' })).status).toBe(400)
    expect((await api.call('PATCH /learning/recommendations/none', off)).status).toBe(404)
    expect(await api.call(address, off)).toMatchObject({ body: { recommendation: off } })
    await finish(10)
    expect(await recommended()).toEqual([])
    expect((await api.call('POST /guard', RESEARCH)).body).toMatchObject({
      learning: { patterns: [] },
    })
    expect(await recommended('&include_inactive=True')).toMatchObject([{ id, sample_size: 20 }])
    const query = 'GET /learning/recommendations?include_inactive=true'
    expect((await api.call(query, undefined, { as: 'member' })).status).toBe(403)
  })

  test('tell how they are used, and what they bring', async () => {
    await finish(10, { outcome: { status: 'failed' } })
    const [{ id } = { id: '' }] = await recommended('&track_events=true')
    await recommended('&track_events=true')
    await api.call('GET /learning/recommendations?track_events=true', undefined, {
      as: 'readonly',
    })
    const applied = { recommendation_id: id, recommendation_applied: true }
    const [action] = await finish(1, applied)
    await api.call(`PATCH /actions/${action}`, { output_summary: 'more' })
    const events = [
      { event_type: 'applied', recommendation_id: id, event_key: 'once' },
      { event_type: 'applied', recommendation_id: id, event_key: 'once' },
    ]
    const address = 'POST /learning/recommendations/events'
    expect(await api.call(address, { events }, { as: 'member' })).toMatchObject({
      status: 201,
      body: { created_count: 1, created: [{ event_type: 'applied', event_key: 'once' }] },
    })
    expect(await api.call(address, events[0])).toMatchObject({ body: { created_count: 0 } })
    expect(
      await api.call(address, { event_type: 'overridden', recommendation_id: id }),
    ).toMatchObject({ status: 201, body: { created_count: 1 } })
    for (const bad of [{}, { events: [] }, { event_type: 'eaten', recommendation_id: id }])
      expect((await api.call(address, bad)).status).toBe(400)
    const { body } = await api.call('GET /learning/recommendations/metrics?agent_id=scout')
    expect(body).toMatchObject({
      metrics: [
        {
          recommendation_id: id,
          telemetry: { fetched: 2, applied: 1, overridden: 1, outcomes: 1, adoption_rate: 0.5 },
          outcomes: {
            applied: { total: 1, success_rate: 1 },
            baseline: { total: 10, success_rate: 0 },
          },
          deltas: { success_lift: 1, failure_reduction: 1 },
        },
      ],
      summary: { total_recommendations: 1, avg_success_lift: 1 },
    })
    expect(
      await api.call('GET /learning/recommendations?agent_id=scout&include_metrics=true'),
    ).toMatchObject({ body: { total: 1, metrics: { summary: { avg_success_lift: 1 } } } })
  })
})

test('no organisation learns from another, and all of it is what the journal says', async () => {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const as = await api.key(org, 'admin')
  await finish(10)
  const [{ id } = { id: '' }] = await recommended()
  expect((await api.call('POST /guard', RESEARCH, { as })).body).not.toHaveProperty('learning')
  const off = { active: false }
  expect((await api.call(`PATCH /learning/recommendations/${id}`, off, { as })).status).toBe(404)
  for (const address of ['learning/recommendations', 'learning/recommendations/metrics'])
    expect(
      Object.values((await api.call(`GET /${address}`, undefined, { as })).body),
    ).toContainEqual([])
  expect(await api.call('GET /learning/analytics/summary', undefined, { as })).toMatchObject({
    body: { overall: { episode_count: 0, avg_score: null } },
  })
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})
