import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ApprovalDeniedError,
  ApprovalExpiredError,
  DeckClient,
  WaitTimeoutError,
} from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { until } from '../support/until.ts'

let api: ApiStandIn
let client: DeckClient
beforeEach(async () => {
  api = await ApiStandIn.start()
  client = new DeckClient({ baseUrl: api.url, apiKey: 'key', agentId: 'tester' })
})
afterEach(() => api[Symbol.asyncDispose]())

async function held(): Promise<string> {
  const created = await client.createAction({ action_type: 'held', declared_goal: 'Deploy' })
  expect(created.action.status).toBe('pending_approval')
  return created.action_id
}

const LOOKED = 'GET'

describe('waiting for an approval', () => {
  test('ends by the stream, without polling', async () => {
    const id = await held()
    const waiting = client.waitForApproval(id, { interval: 3_600_000 })
    await until('the stream is open', () => api.listeners === 1)
    await until('the action was looked at', () => api.sent(LOOKED, `/api/actions/${id}`).length > 1)
    api.emit('action.updated', { action_id: 'act_other', status: 'running' })
    api.allow(id, { declared_goal: 'Deploy to staging' })
    const { action, action_id } = await waiting
    expect(action).toMatchObject({ status: 'running', approved_by: 'ada' })
    expect(action.declared_goal).toBe('Deploy to staging')
    expect(action_id).toBe(id)
    await until('the stream is closed', () => api.listeners === 0)
  })

  test('resumes the stream after a cut, and misses nothing', async () => {
    const id = await held()
    api.emit('action.updated', { action_id: 'act_other', status: 'running' })
    const events = client.events({ retryInterval: 1, lastEventId: '0' })
    const seen: unknown[] = []
    events.on('action.updated', (row) => void seen.push(row['action_id']))
    await until('the first event', () => seen.length === 1)
    api.cutStreams()
    api.allow(id)
    await until('the event of meanwhile', () => seen.length === 2)
    expect(seen).toEqual(['act_other', id])
    expect(api.sent('GET', '/api/stream').at(-1)?.headers['last-event-id']).toBe('1')
    events.close()
    await events.closed
  })

  test('polls where there is no stream', async () => {
    api.hasStream = false
    const id = await held()
    const waiting = client.waitForApproval(id, { interval: 2 })
    await until('three looks', () => api.sent(LOOKED, `/api/actions/${id}`).length >= 3)
    api.allow(id)
    expect((await waiting).action.status).toBe('running')
    expect(api.sent('GET', '/api/stream')).toHaveLength(1)
  })

  test('polls without asking for a stream when told so, and while the stream is away', async () => {
    const id = await held()
    const waiting = client.waitForApproval(id, { interval: 2, useEvents: false })
    await until('two looks', () => api.sent(LOOKED, `/api/actions/${id}`).length >= 2)
    api.allow(id)
    await waiting
    expect(api.sent('GET', '/api/stream')).toEqual([])
  })

  test('goes on while the server cannot be asked', async () => {
    api.hasStream = false
    const id = await held()
    api.prescribe(
      { status: 500, body: { error: 'Restarting' } },
      { status: 500, body: { error: 'Restarting' } },
      { body: '<html>' },
      { body: { ok: true } },
      { body: 'null' },
      { status: 502, body: '' },
    )
    const waiting = client.waitForApproval(id, { interval: 2 })
    await until('seven looks', () => api.sent(LOOKED, `/api/actions/${id}`).length >= 7)
    api.allow(id)
    await waiting
  })

  test('throws what an operator denied, with the reason', async () => {
    const id = await held()
    const waiting = client.waitForApproval(id, { interval: 5 })
    api.deny(id, 'Not on a Friday')
    const error: unknown = await waiting.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApprovalDeniedError)
    expect(error).not.toBeInstanceOf(ApprovalExpiredError)
    expect(error).toMatchObject({
      message: 'Not on a Friday',
      code: 'APPROVAL_DENIED',
      status: 403,
      decision: 'failed',
      actionId: id,
    })
  })

  test.each([
    [{ status: 'failed', error_message: 'Expired: nobody decided in time' }],
    [{ status: 'expired', error_message: null }],
  ])('throws an expiry, which is a denial too: %j', async (changes) => {
    const id = await held()
    api.decide(id, changes)
    const error: unknown = await client.waitForApproval(id).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApprovalExpiredError)
    expect(error).toBeInstanceOf(ApprovalDeniedError)
    expect(error).toMatchObject({ code: 'APPROVAL_EXPIRED' })
  })

  test('throws when time is over, and the action is still pending', async () => {
    const id = await held()
    const error: unknown = await client
      .waitForApproval(id, { timeout: 20, interval: 5 })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(WaitTimeoutError)
    expect(error).toMatchObject({ code: 'TIMEOUT', subject: id })
    expect((await client.getAction(id)).action.status).toBe('pending_approval')
  })

  test('may take for ever, and a time that is none is over', async () => {
    const id = await held()
    const endless = { timeout: Infinity, interval: Infinity, useEvents: false }
    const abort = new AbortController()
    const waiting = client.waitForApproval(id, { ...endless, signal: abort.signal })
    await until('the action was looked at', () => api.sent(LOOKED, `/api/actions/${id}`).length > 0)
    await client.getSignals()
    expect(api.sent(LOOKED, `/api/actions/${id}`)).toHaveLength(1)
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    const none = client.waitForApproval(id, { timeout: Number.NaN })
    await expect(none).rejects.toBeInstanceOf(WaitTimeoutError)
    await expect(client.with({ timeoutMs: Infinity }).getSignals()).resolves.toEqual({ ok: true })
  })

  test('ends when the program aborts', async () => {
    const id = await held()
    const abort = new AbortController()
    const waiting = client.waitForApproval(id, { signal: abort.signal })
    await until('the stream is open', () => api.listeners === 1)
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    await until('the stream is closed', () => api.listeners === 0)
  })

  test('trusts no end of the waiting that nobody stands for', async () => {
    const id = await held()
    const waiting = client.waitForApproval(id, { interval: 5 })
    await until('a look', () => api.sent(LOOKED, `/api/actions/${id}`).length > 0)
    api.decide(id, { status: 'running', approved_by: null })
    await expect(waiting).rejects.toMatchObject({ code: 'APPROVAL_UNPROVEN' })
  })

  test('is over at once for what runs already, and for what is not there', async () => {
    const { action_id } = await client.createAction('build', 'Compile')
    expect((await client.waitForApproval(action_id)).action.status).toBe('running')
    api.prescribe({ status: 404, body: { error: 'Not found' } })
    await expect(client.waitForApproval('act_none')).rejects.toMatchObject({ status: 404 })
  })

  test('is part of creating with hitlMode wait', async () => {
    const waiter = client.with({ hitlMode: 'wait' })
    const creating = waiter.createAction({ action_type: 'held', declared_goal: 'Deploy' })
    await until('the action', () => api.sent('POST', '/api/actions').length === 1)
    await until('the stream is open', () => api.listeners === 1)
    api.allow('act_1')
    const created = await creating
    expect(created).toMatchObject({ action_id: 'act_1', action: { approved_by: 'ada' } })
    expect(created.decision?.decision).toBe('require_approval')
    const patient = client.with({ approvalTimeoutMs: 10 })
    await expect(patient.waitForApproval(await held())).rejects.toBeInstanceOf(WaitTimeoutError)
    const hasty = client.with({ hitlMode: 'wait', approvalTimeoutMs: 10 })
    await expect(hasty.createAction('held', 'Deploy')).rejects.toBeInstanceOf(WaitTimeoutError)
  })
})
