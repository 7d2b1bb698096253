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

const RESEARCH = { agent_id: 'scout', action_type: 'research', declared_goal: 'read the docs' }
const DEPLOY = { agent_id: 'scout', action_type: 'deploy', declared_goal: 'ship it' }

describe('an action', () => {
  test('of little risk runs at once, and its outcome is recorded', async () => {
    const created = await api.call('POST /actions', RESEARCH, { as: 'member' })
    expect(created).toMatchObject({
      status: 201,
      body: { decision: { decision: 'allow', risk_score: 10 }, action: { status: 'running' } },
    })
    const id = String(created.body['action_id'])
    const reported = await api.call(`PATCH /actions/${id}`, { status: 'completed' })
    expect(reported).toMatchObject({ status: 200, body: { action: { status: 'completed' } } })
    expect(await api.call('GET /actions?agent_id=scout')).toMatchObject({
      body: { total: 1, stats: { completed: 1, running: 0 }, actions: [{ action_id: id }] },
    })
  })

  test('of high risk waits among the approvals, and an operator lets it go', async () => {
    const held = await api.call('POST /actions', DEPLOY)
    expect(held).toMatchObject({ status: 202, body: { action: { status: 'pending_approval' } } })
    const id = String(held.body['action_id'])
    expect((await api.call(`PATCH /actions/${id}`, { status: 'completed' })).status).toBe(409)
    const [waiting] = await api.deck.deck.approvals.list('pending', 10)
    expect(waiting).toMatchObject({ agent: 'scout@default', action: { target: 'ship it' } })
    await api.deck.deck.approvals.allow(waiting?.id ?? '', { note: 'go on' }, 'operator:maya/cli')
    expect(await api.call(`GET /actions/${id}`)).toMatchObject({
      body: {
        action: { status: 'running', approved_by: 'maya', reasoning: 'Approved by maya: go on' },
      },
    })
  })

  test('is decided over the API by an admin key alone, once', async () => {
    const held = await api.call('POST /actions', DEPLOY)
    const address = `POST /actions/${String(held.body['action_id'])}/approve`
    const yes = { decision: 'allow' }
    expect((await api.call(address, yes, { as: 'member' })).status).toBe(403)
    expect((await api.call(address, { decision: 'perhaps' })).status).toBe(400)
    const allowed = await api.call(address, yes)
    expect(allowed).toMatchObject({ status: 200, body: { action: { status: 'running' } } })
    expect((await api.call(address, yes)).status).toBe(400)
    const [decided] = await api.deck.deck.approvals.list('decided', 1)
    expect(decided?.by).toMatch(/^key:key_.*\/api$/)
  })

  test('that is denied, or that nobody decides, has failed with the reason', async () => {
    const held = await api.call('POST /actions', DEPLOY)
    const [waiting] = await api.deck.deck.approvals.list('pending', 10)
    await api.deck.deck.approvals.deny(waiting?.id ?? '', { note: 'not today' }, OPERATOR)
    expect(await api.call(`GET /actions/${String(held.body['action_id'])}`)).toMatchObject({
      body: { action: { status: 'failed', approved_by: null, error_message: 'not today' } },
    })
  })

  test('that a policy of the deck blocks is refused and recorded', async () => {
    await api.deck.deck.policy.add({ effect: 'block', type: 'deploy', target: '*' }, OPERATOR)
    const blocked = await api.call('POST /actions', DEPLOY)
    expect(blocked).toMatchObject({
      status: 403,
      body: {
        error: expect.any(String) as string,
        decision: { decision: 'block' },
        action: { status: 'blocked', duration_ms: 0 },
      },
    })
    expect(await api.call('GET /guard')).toMatchObject({ body: { stats: { blocks_24h: 1 } } })
  })

  test('with an id that is in use is refused', async () => {
    const once = { ...RESEARCH, action_id: 'mine' }
    expect((await api.call('POST /actions', once)).status).toBe(201)
    expect((await api.call('POST /actions', once)).status).toBe(409)
    expect(await api.call('GET /guard')).toMatchObject({ body: { total: 1 } })
  })
})

test('no organisation sees an action of another', async () => {
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const other = await api.key(org, 'admin')
  const held = await api.call('POST /actions', DEPLOY)
  const address = `/actions/${String(held.body['action_id'])}`
  const theirs = { as: other }
  expect((await api.call(`GET ${address}`, undefined, theirs)).status).toBe(404)
  expect((await api.call(`PATCH ${address}`, { status: 'failed' }, theirs)).status).toBe(404)
  expect((await api.call(`POST ${address}/approve`, { decision: 'allow' }, theirs)).status).toBe(
    404,
  )
  expect(await api.call('GET /actions', undefined, theirs)).toMatchObject({ body: { total: 0 } })
})

test('a key ends at once', async () => {
  const [{ id = '' } = {}] = api.deck.deck.orgs.keys(null).filter(({ role }) => role === 'member')
  expect((await api.call('GET /actions', undefined, { as: 'member' })).status).toBe(200)
  await api.deck.deck.orgs.revokeKey(id, null, OPERATOR)
  expect((await api.call('GET /actions', undefined, { as: 'member' })).status).toBe(401)
  expect((await api.call('GET /health', undefined, { as: null })).status).toBe(200)
})

test('the ledger is what the journal says, also after a crash', async () => {
  await api.call('POST /actions', RESEARCH)
  const held = await api.call('POST /actions', DEPLOY)
  const before = await api.call('GET /actions')
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
  await api.deck.crash()
  await api.deck.start()
  await api.open()
  const after = await api.call<{ actions: unknown[]; total: number }>('GET /actions')
  expect(after.body.total).toBe(before.body['total'])
  // What waited still waits.
  const address = `/actions/${String(held.body['action_id'])}`
  await api.call(`POST ${address}/approve`, { decision: 'allow' })
  expect(await api.call(`GET ${address}`)).toMatchObject({
    body: { action: { status: 'running' } },
  })
})
