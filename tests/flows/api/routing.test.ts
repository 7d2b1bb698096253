import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'
import { Receiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
beforeEach(async () => {
  clock = new ManualClock()
  const settings = { allowPrivate: ['127.0.0.1'] }
  api = await new ApiDeck((act) => cleanups.push(act), clock, settings).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Answer {
  task: { id: string; status: string; assigned_to: string | null; retry_count: number }
  routing: { status: string; agent_name?: string }
}

async function agent(name: string, more: object = {}): Promise<string> {
  const { body, status } = await api.call<{ agent: { id: string } }>(
    'POST /routing/agents',
    { name, capabilities: ['review'], maxConcurrent: 1, ...more },
    { as: 'member' },
  )
  expect(status).toBe(201)
  return body.agent.id
}

async function submit(title: string, more: object = {}): Promise<Answer> {
  const task = { title, requiredSkills: ['review'], ...more }
  const { body, status } = await api.call<Answer>('POST /routing/tasks', task)
  expect(status).toBe(201)
  return body
}

const complete = (id: string, more: object = {}) =>
  api.call<Answer>(`POST /routing/tasks/${id}/complete`, more)

/** A task once it stands so. */
function standing(id: string, fits: (task: Answer['task']) => boolean): Promise<Answer['task']> {
  let last: Answer['task'] | undefined
  return until('the task moves', async () => {
    last = (await api.call<Answer>(`GET /routing/tasks/${id}`)).body.task
    return fits(last)
  }).then(() => last as Answer['task'])
}

describe('a task', () => {
  test('goes to the agent with the skill, which is told, and its end to whoever gave it', async () => {
    const receiver = await Receiver.open((act) => cleanups.push(act))
    await agent('other', { capabilities: ['cook'] })
    const id = await agent('ada', {
      capabilities: [{ skill: 'review', priority: 9 }],
      endpoint: receiver.url,
    })
    const given = await submit('look at it', { callbackUrl: receiver.url })
    expect(given).toMatchObject({
      task: { status: 'assigned', assigned_to: id, requiredSkills: ['review'] },
      routing: { status: 'assigned', agent_name: 'ada', reasons: expect.any(Array) as string[] },
      task_id: given.task.id,
      assigned_agent: { name: 'ada' },
    })
    await receiver.got(1)
    expect(receiver.received[0]?.json).toMatchObject({
      event: 'task.assigned',
      task: { id: given.task.id, assigned_to: id },
    })
    const done = await complete(given.task.id, { result: { ok: true } })
    expect(done).toMatchObject({
      status: 200,
      body: {
        task: { status: 'completed', result: { ok: true } },
        routing: { status: 'completed' },
      },
    })
    await receiver.got(2)
    expect(receiver.received[1]?.json).toMatchObject({ event: 'task.completed' })
    expect((await complete(given.task.id)).status).toBe(409)
    expect(await api.call(`GET /routing/agents/${id}`)).toMatchObject({
      body: {
        agent: { current_load: 0, maxConcurrent: 1 },
        metrics: [{ skill: 'review', completed: 1, failed: 0 }],
      },
    })
  })

  test('waits while nobody is free: urgent ones first', async () => {
    const id = await agent('ada')
    const first = await submit('first')
    const later = await submit('later', { urgency: 'low' })
    const urgent = await submit('urgent', { urgency: 'critical' })
    expect(later).toMatchObject({ task: { status: 'pending' }, routing: { status: 'pending' } })
    await complete(first.task.id)
    expect(await api.call(`GET /routing/tasks?assigned_to=${id}&status=assigned`)).toMatchObject({
      body: { total: 1, tasks: [{ id: urgent.task.id }] },
    })
    await agent('bob')
    expect(await api.call('GET /routing/tasks?status=pending')).toMatchObject({
      body: { total: 0 },
    })
    expect(await api.call('GET /routing/stats')).toMatchObject({
      body: {
        agents: { total: 2, available: 2 },
        tasks: { total: 3, assigned: 2, completed: 1, pending: 0 },
        routing: { total_decisions: 3 },
      },
    })
  })

  test('that fails is given again, then escalated, and its giver is told', async () => {
    const receiver = await Receiver.open((act) => cleanups.push(act))
    await agent('ada')
    const { task } = await submit('hard', { maxRetries: 1, callbackUrl: receiver.url })
    expect(await complete(task.id, { success: false, error: 'no idea' })).toMatchObject({
      body: { task: { status: 'assigned', retry_count: 1, error: 'no idea' } },
    })
    expect(await complete(task.id, { success: 'False', error: 'still none' })).toMatchObject({
      body: {
        task: { status: 'escalated' },
        routing: { status: 'escalated', reason: 'still none' },
      },
    })
    await receiver.got(1)
    expect(receiver.received[0]?.json).toMatchObject({ event: 'task.escalated' })
    expect((await complete(task.id)).status).toBe(409)
  })

  test('that takes too long is taken from its agent, also after a crash', async () => {
    await agent('ada')
    const { task } = await submit('slow', { timeoutSeconds: 60, maxRetries: 1 })
    clock.advance(59_000)
    expect((await api.call<Answer>(`GET /routing/tasks/${task.id}`)).body.task.retry_count).toBe(0)
    clock.advance(2000)
    const again = await standing(task.id, ({ retry_count: tries }) => tries === 1)
    expect(again.status).toBe('assigned')
    await api.deck.crash()
    await api.deck.start()
    await api.open()
    clock.advance(61_000)
    await standing(task.id, ({ status }) => status === 'escalated')
  })

  test('goes to another when its agent is taken out', async () => {
    const ada = await agent('ada')
    const { task } = await submit('look')
    const bob = await agent('bob')
    expect(await api.call(`DELETE /routing/agents/${ada}`)).toMatchObject({
      body: { deleted: true, agent: { name: 'ada' } },
    })
    expect(await standing(task.id, () => true)).toMatchObject({ assigned_to: bob, retry_count: 0 })
    expect((await api.call(`DELETE /routing/agents/${ada}`)).status).toBe(404)
  })

  test('is not given to an agent that is away', async () => {
    const id = await agent('ada')
    expect((await api.call(`PATCH /routing/agents/${id}`, { status: 'asleep' })).status).toBe(400)
    await api.call(`PATCH /routing/agents/${id}`, { status: 'offline' })
    const { task } = await submit('look')
    expect(task.status).toBe('pending')
    expect(await api.call('GET /routing/health')).toMatchObject({
      body: { status: 'degraded', agents_available: 0, tasks_pending: 1 },
    })
    await api.call(`PATCH /routing/agents/${id}`, { status: 'available' })
    expect((await standing(task.id, () => true)).assigned_to).toBe(id)
    expect((await api.call('GET /routing/agents?status=available')).body).toMatchObject({
      total: 1,
    })
  })
})

describe('an endpoint', () => {
  test('that does not answer is tried again, and then its task goes elsewhere', async () => {
    const receiver = await Receiver.open((act) => cleanups.push(act))
    receiver.behaviour = (_, response) => void response.writeHead(503).end()
    const ada = await agent('ada', { endpoint: receiver.url })
    const { task } = await submit('look')
    expect(task.assigned_to).toBe(ada)
    const bob = await agent('bob')
    for (const [tries, wait] of [2000, 10_000, 60_000, 300_000].entries()) {
      await api.deck.event(
        ({ type, body }) =>
          type === 'record.changed' &&
          (body as { change: { attempts?: number } }).change.attempts === tries + 1,
      )
      clock.advance(wait)
    }
    expect(await standing(task.id, (now) => now.assigned_to === bob)).toMatchObject({
      retry_count: 1,
      error: 'the agent cannot be told: it answered 503',
    })
    expect(receiver.received).toHaveLength(5)
  })

  test('has to be one that may be posted to', async () => {
    for (const endpoint of [
      'http://10.0.0.1/x',
      'https://169.254.169.254/',
      'file:///etc/passwd',
      'x',
    ])
      expect(
        (await api.call('POST /routing/agents', { name: 'ada', endpoint })).status,
        endpoint,
      ).toBe(400)
    const task = { title: 'x', callbackUrl: 'http://192.168.0.1/' }
    expect((await api.call('POST /routing/tasks', task)).status).toBe(400)
    expect((await api.call('GET /routing/agents')).body).toMatchObject({ total: 0 })
  })
})

test('routing is refused with a reason where it is not right, and is each organisation’s own', async () => {
  const id = await agent('ada')
  const { task } = await submit('look')
  for (const bad of [{}, { title: 'x', urgency: 'soon' }, { title: 'x', timeoutSeconds: 0 }])
    expect((await api.call('POST /routing/tasks', bad)).status).toBe(400)
  expect((await api.call('POST /routing/agents', { name: 'x', maxConcurrent: 101 })).status).toBe(
    400,
  )
  expect((await complete('rt_none')).status).toBe(404)
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const other = { as: await api.key(org, 'admin') }
  for (const call of [
    `GET /routing/agents/${id}`,
    `DELETE /routing/agents/${id}`,
    `GET /routing/tasks/${task.id}`,
    `POST /routing/tasks/${task.id}/complete`,
  ])
    expect((await api.call(call, undefined, other)).status, call).toBe(404)
  const theirs = { title: 'theirs', requiredSkills: ['review'] }
  expect((await api.call<Answer>('POST /routing/tasks', theirs, other)).body.task.status).toBe(
    'pending',
  )
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})

test('schedules say when they are due next', async () => {
  const schedule = { agent_id: 'scout', name: 'report', cron_expression: '0 9 * * *' }
  const { body, status } = await api.call('POST /agent-schedules', schedule)
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { schedule: { enabled: true, next_run: '2026-01-01T09:00:00.000Z' } },
  })
  clock.advance(10 * 60 * 60_000)
  expect(await api.call('GET /agent-schedules?agent_id=scout')).toMatchObject({
    body: { schedules: [{ name: 'report', next_run: '2026-01-02T09:00:00.000Z' }], total: 1 },
  })
  const at = `/agent-schedules/${String(body['schedule_id'])}`
  expect(await api.call(`PATCH ${at}`, { enabled: false })).toMatchObject({
    body: { schedule: { enabled: false, next_run: null } },
  })
  for (const cron of ['every day', '61 * * * *', '0 0 30 2 *', '* * * * * *'])
    expect(
      await api.call('POST /agent-schedules', { ...schedule, cron_expression: cron }),
      cron,
    ).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^cron_expression/) } })
  expect((await api.call('POST /agent-schedules', { name: 'x' })).status).toBe(400)
  expect((await api.call(`DELETE ${at}`)).body).toMatchObject({ deleted: true })
})
