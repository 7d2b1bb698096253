import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApprovalDeniedError, DeckClient, GuardBlockedError } from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { until } from '../support/until.ts'

let api: ApiStandIn
let client: DeckClient
beforeEach(async () => {
  api = await ApiStandIn.start()
  client = new DeckClient({ baseUrl: api.url, agentId: 'tester', agentName: 'Tess' })
})
afterEach(() => api[Symbol.asyncDispose]())

function outcome(): Record<string, unknown> | undefined {
  return api.requests.find(({ method }) => method === 'PATCH')?.body
}

describe('track', () => {
  test('records what came of the work, and returns what it returns', async () => {
    const result = await client.track(
      { action_type: 'build', declared_goal: 'Compile' },
      ({ action_id, action }) => ({ action_id, status: action.status }),
    )
    expect(result).toEqual({ action_id: 'act_1', status: 'running' })
    expect(outcome()).toMatchObject({
      status: 'completed',
      output_summary: '{"action_id":"act_1","status":"running"}',
    })
    expect(outcome()?.['duration_ms']).toBeTypeOf('number')
    expect(Number.isInteger(outcome()?.['duration_ms'])).toBe(true)
    expect(outcome()?.['timestamp_end']).toBeTypeOf('string')
  })

  test.each([
    [undefined, undefined],
    ['done', 'done'],
    [12n, '12'],
    ['x'.repeat(5000), `${'x'.repeat(3999)}…`],
  ])('sums up %s', async (value, summary) => {
    await client.track({ action_type: 'build', declared_goal: 'Compile' }, () => value)
    expect(outcome()?.['output_summary']).toBe(summary)
  })

  test('throws what the work throws, once it is recorded', async () => {
    const failing = client.track({ action_type: 'build', declared_goal: 'Compile' }, () => {
      throw new TypeError('no compiler')
    })
    await expect(failing).rejects.toThrow(new TypeError('no compiler'))
    expect(outcome()).toMatchObject({ status: 'failed', error_message: 'no compiler' })
  })

  test('throws the error of the work even if that cannot be recorded', async () => {
    const failing = client.track({ action_type: 'build', declared_goal: 'Compile' }, () => {
      api.prescribe({ status: 500, body: { error: 'Broken' } })
      throw new Error('mine')
    })
    await expect(failing).rejects.toThrow('mine')
  })

  test('says so when a success cannot be recorded', async () => {
    const tracked = client.track({ action_type: 'build', declared_goal: 'Compile' }, () => {
      api.prescribe({ status: 500, body: { error: 'Broken' } })
    })
    await expect(tracked).rejects.toMatchObject({ status: 500 })
  })

  test('runs nothing before a yes, and nothing after a no', async () => {
    let runs = 0
    const action = { action_type: 'held', declared_goal: 'Deploy' }
    const first = client.track(action, () => ++runs)
    await until('the stream is open', () => api.listeners === 1)
    expect(runs).toBe(0)
    api.allow('act_1')
    expect(await first).toBe(1)
    const second = client.track(action, () => ++runs)
    await until('the stream is open', () => api.listeners === 1)
    api.deny('act_2', 'No')
    await expect(second).rejects.toBeInstanceOf(ApprovalDeniedError)
    const third = client.track({ ...action, action_type: 'forbidden' }, () => ++runs)
    await expect(third).rejects.toBeInstanceOf(GuardBlockedError)
    expect(runs).toBe(1)
  })
})

describe('an action context', () => {
  test('fills in the action of messages, assumptions, loops and the outcome', async () => {
    const context = client.actionContext('act_7')
    await context.sendMessage('Starting', { to: 'ops' })
    await context.sendMessage({ to: 'ops', body: 'Still at it', actionId: 'act_other' })
    await context.recordAssumption('Tests pass')
    await context.registerOpenLoop({ loop_type: 'question', description: 'Which day?' })
    await context.updateOutcome({ status: 'completed' })
    expect(api.requests.map(({ body }) => body?.['action_id'])).toEqual([
      'act_7',
      'act_7',
      'act_7',
      'act_7',
      undefined,
    ])
    expect(api.requests[0]?.body).toMatchObject({ body: 'Starting', to_agent_id: 'ops' })
    expect(api.requests.at(-1)?.path).toBe('/api/actions/act_7')
    expect(() => client.actionContext('')).toThrow('action_id is required')
  })
})

describe('heartbeats', () => {
  test('begin at once, repeat, survive failures, and stop', async () => {
    api.prescribe({ status: 500, body: { error: 'Broken' } })
    client.startHeartbeat({ interval: 2, status: 'busy', currentTaskId: 't' })
    client.startHeartbeat({ interval: 2 })
    const beats = () => api.sent('POST', '/api/agents/heartbeat')
    await until('three beats', () => beats().length >= 3)
    client.stopHeartbeat()
    for (const { body } of beats())
      expect(body).toEqual({
        agent_id: 'tester',
        agent_name: 'Tess',
        status: 'busy',
        current_task_id: 't',
      })
    client.startHeartbeat()
    client.stopHeartbeat()
    expect(() => client.startHeartbeat({ interval: 0 })).toThrow('interval')
  })
})

test('the context of today is its key points and the active threads', async () => {
  api.prescribe({ body: { points: [{ content: 'x' }] } }, { body: { threads: [{ name: 'y' }] } })
  const summary = await client.getContextSummary()
  expect(Object.keys(summary)).toEqual(['points', 'threads'])
  const points = api.sent('GET', '/api/context/points')[0]
  expect(points?.query['session_date']).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(api.sent('GET', '/api/context/threads')[0]?.query['status']).toBe('active')
})
