import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'

const DAY = 24 * 60 * 60_000

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
let action: string
beforeEach(async () => {
  clock = new ManualClock()
  api = await new ApiDeck((act) => cleanups.push(act), clock).start()
  action = await acted('scout')
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function acted(agent: string): Promise<string> {
  const { body } = await api.call('POST /actions', {
    agent_id: agent,
    action_type: 'research',
    declared_goal: 'read the docs',
  })
  return String(body['action_id'])
}

async function opened(fields: object = {}): Promise<string> {
  const { body } = await api.call('POST /actions/loops', {
    action_id: action,
    loop_type: 'question',
    description: 'who owns the schema?',
    ...fields,
  })
  return String(body['loop_id'])
}

async function assumed(fields: object = {}): Promise<string> {
  const { body } = await api.call('POST /assumptions', {
    action_id: action,
    assumption: 'the docs are of this release',
    ...fields,
  })
  return String(body['assumption_id'])
}

async function theirs() {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  return { as: await api.key(org, 'admin') }
}

describe('a loop', () => {
  test('is opened by an action, listed by priority, and closed once', async () => {
    const low = await opened({ priority: 'low' })
    clock.advance(1000)
    const critical = await opened({ priority: 'critical', metadata: null, loopType: 'review' })
    clock.advance(1000)
    const usual = await opened()
    const listed = await api.call<{ loops: { loop_id: string }[] }>('GET /actions/loops')
    expect(listed).toMatchObject({
      body: { total: 3, stats: { open_count: 3, critical_open: 1, high_open: 0 } },
    })
    expect(listed.body.loops.map(({ loop_id: id }) => id)).toEqual([critical, usual, low])
    expect(await api.call('GET /actions/loops?priority=low&limit=1')).toMatchObject({
      body: { total: 1, loops: [{ id: low, agent_id: 'scout', declared_goal: 'read the docs' }] },
    })

    const address = `PATCH /actions/loops/${critical}`
    expect((await api.call(address, { status: 'resolved' })).status).toBe(400)
    const answer = { status: 'resolved', resolution: 'the data team' }
    expect(await api.call(address, answer)).toMatchObject({
      status: 200,
      body: {
        loop: { status: 'resolved', resolution: 'the data team' },
        security: { clean: true },
      },
    })
    expect((await api.call(address, answer)).status).toBe(409)
    expect(await api.call('GET /actions/loops?status=open')).toMatchObject({
      body: { total: 2, stats: { open_count: 2, resolved_count: 1, critical_open: 0 } },
    })
    expect(await api.call(`GET /actions/${action}`)).toMatchObject({
      body: { open_loops: [{ loop_id: usual }, { loop_id: critical }, { loop_id: low }] },
    })
  })

  test('needs an action of the organisation, a type and a description', async () => {
    const loop = { action_id: action, loop_type: 'question', description: 'why?' }
    const refused = async (body: object, options = {}) =>
      (await api.call('POST /actions/loops', body, options)).status
    expect(await refused({ ...loop, action_id: 'act_none' })).toBe(404)
    expect(await refused({ ...loop, loop_type: 'riddle' })).toBe(400)
    expect(await refused({ ...loop, description: '' })).toBe(400)
    expect(await refused({})).toBe(400)
    expect(await refused({ ...loop, loop_id: 'mine' })).toBe(201)
    expect(await refused({ ...loop, loop_id: 'mine' })).toBe(409)
    expect(await refused(loop, { as: 'readonly' })).toBe(403)
    const other = await theirs()
    expect(await refused(loop, other)).toBe(404)
    expect((await api.call('GET /actions/loops/mine', undefined, other)).status).toBe(404)
    const closing = { status: 'cancelled' }
    expect((await api.call('PATCH /actions/loops/mine', closing, other)).status).toBe(404)
  })

  test('keeps no secret that is written into it', async () => {
    const { body } = await api.call('POST /actions/loops', {
      action_id: action,
      loop_type: 'other',
      description: 'password = "hunter2hunter2"',
    })
    expect(body).toMatchObject({ security: { clean: false } })
    expect(JSON.stringify(body['loop'])).not.toContain('hunter2')
  })
})

describe('an assumption', () => {
  test('drifts until it is checked, and stays wrong once it is', async () => {
    const [kept, wrong] = [await assumed({ basis: 'the title' }), await assumed()]
    clock.advance(15 * DAY)
    expect(await api.call('GET /actions/assumptions?drift=True&agent_id=scout')).toMatchObject({
      body: {
        total: 2,
        assumptions: [{ drift_score: 50 }, { drift_score: 50 }],
        drift_summary: { total: 2, at_risk: 2, unvalidated: 2 },
      },
    })
    expect(await api.call('GET /assumptions?stale=true')).toMatchObject({ body: { total: 2 } })

    expect(await api.call(`PATCH /assumptions/${kept}`, { validated: true })).toMatchObject({
      body: { assumption: { id: kept, validated: true, basis: 'the title' } },
    })
    const address = `PATCH /actions/assumptions/${wrong}`
    expect((await api.call(address, { validated: false })).status).toBe(400)
    const answer = { validated: false, invalidated_reason: 'they are older' }
    expect(await api.call(address, answer)).toMatchObject({
      body: { assumption: { invalidated: true, invalidated_reason: 'they are older' } },
    })
    expect((await api.call(address, { validated: true })).status).toBe(409)
    const report = await api.call<{ assumptions: { drift_score: number | null }[] }>(
      `GET /actions/assumptions?drift=true&action_id=${action}`,
    )
    expect(report.body.assumptions.map(({ drift_score }) => drift_score).toSorted()).toEqual([
      0,
      null,
    ])
    expect(report).toMatchObject({
      body: { drift_summary: { total: 2, at_risk: 0, validated: 1, invalidated: 1 } },
    })
    expect(await api.call('GET /assumptions?validated=false')).toMatchObject({
      body: { total: 1, assumptions: [{ assumption_id: wrong }] },
    })
    expect(await api.call(`GET /actions/${action}/trace`)).toMatchObject({
      body: { trace: { root_cause_indicators: [{ type: 'invalidated_assumptions', count: 1 }] } },
    })
  })

  test('needs an action of the organisation, and text', async () => {
    const given = { action_id: action, assumption: 'so' }
    for (const path of ['/assumptions', '/actions/assumptions']) {
      const refused = async (body: object, options = {}) =>
        (await api.call(`POST ${path}`, body, options)).status
      expect(await refused({ ...given, action_id: 'act_none' })).toBe(404)
      expect(await refused({ action_id: action })).toBe(400)
      expect(await refused({ ...given, assumption_id: path })).toBe(201)
      expect(await refused({ ...given, assumption_id: path })).toBe(409)
      expect(await refused(given, { as: 'readonly' })).toBe(403)
    }
    const [id, other] = [await assumed(), await theirs()]
    expect((await api.call(`GET /assumptions/${id}`, undefined, other)).status).toBe(404)
    const answer = { validated: true }
    expect((await api.call(`PATCH /assumptions/${id}`, answer, other)).status).toBe(404)
    expect(await api.call('GET /assumptions', undefined, other)).toMatchObject({
      body: { total: 0 },
    })
  })
})

describe('around an action', () => {
  test('its trace and graph show parents, children, others near it, and what it rests on', async () => {
    const child = await api.call('POST /actions', {
      agent_id: 'scribe',
      action_type: 'review',
      declared_goal: 'check it',
      parent_action_id: action,
    })
    const near = await acted('scout')
    clock.advance(3 * 60 * 60_000)
    await acted('scout')
    const [loop, assumption] = [await opened(), await assumed()]
    expect(await api.call(`GET /actions/${action}/trace`)).toMatchObject({
      status: 200,
      body: {
        action: { action_id: action },
        trace: {
          loops: { total: 1, open: 1 },
          assumptions: { total: 1, unvalidated: 1 },
          sub_actions: [{ action_id: child.body['action_id'] }],
          related_actions: [{ action_id: near }],
          root_cause_indicators: [{ type: 'unresolved_loops', count: 1 }],
        },
      },
    })
    const childId = String(child.body['action_id'])
    expect(await api.call(`GET /actions/${childId}/trace`)).toMatchObject({
      body: { trace: { parent_chain: [{ action_id: action }] } },
    })
    const graph = await api.call<{ nodes: { id: string }[] }>(`GET /actions/${action}/graph`)
    expect(graph.body.nodes.map(({ id }) => id).toSorted()).toEqual(
      [
        `action:${action}`,
        `action:${childId}`,
        `action:${near}`,
        `assumption:${assumption}`,
        `loop:${loop}`,
      ].toSorted(),
    )
    const other = await theirs()
    for (const part of ['trace', 'graph'])
      expect((await api.call(`GET /actions/${action}/${part}`, undefined, other)).status).toBe(404)
  })

  test('what is deleted goes with its loops and assumptions', async () => {
    const [loop, wrong] = [await opened(), await assumed({ invalidated: true })]
    const kept = await acted('scribe')
    expect(
      (await api.call('DELETE /actions', { agent_id: 'scout' }, { as: 'member' })).status,
    ).toBe(403)
    expect((await api.call('DELETE /actions', {})).status).toBe(400)
    expect(await api.call('DELETE /actions', { agent_id: 'scout' })).toMatchObject({
      body: { deleted: 1 },
    })
    expect((await api.call(`GET /actions/loops/${loop}`)).status).toBe(404)
    expect((await api.call(`GET /assumptions/${wrong}`)).status).toBe(404)
    expect(await api.call('GET /actions/loops')).toMatchObject({
      body: { total: 0, stats: { open_count: 0 } },
    })
    expect(await api.call(`DELETE /actions?action_ids=${kept},none`)).toMatchObject({
      body: { deleted: 1, action_ids: [kept] },
    })
    expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
  })
})

describe('an outcome', () => {
  test('cannot claim what only the guard decides', async () => {
    for (const status of ['pending_approval', 'blocked'])
      expect((await api.call(`PATCH /actions/${action}`, { status })).status).toBe(400)
  })

  test('is stored with credible tokens, and the cost that follows from them', async () => {
    const report = (body: object) => api.call(`PATCH /actions/${action}`, body)
    expect(
      await report({ tokens_in: 2_000_000, tokens_out: 0, model: 'claude-sonnet' }),
    ).toMatchObject({
      body: { action: { tokens_in: 2_000_000, cost_estimate: 6 } },
    })
    expect(await report({ tokens_in: 1e12 })).toMatchObject({
      body: { action: { tokens_in: 10_000_000, cost_estimate: 30 } },
    })
    expect(await report({ cost_estimate: 1e9 })).toMatchObject({
      body: { action: { cost_estimate: 10_000 } },
    })
    expect(await report({ tokens_in: 5 })).toMatchObject({
      body: { action: { tokens_in: 5, cost_estimate: 10_000 } },
    })
  })
})
