import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient, type ClientEvent } from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { until } from '../support/until.ts'

let api: ApiStandIn
let client: DeckClient
beforeEach(async () => {
  api = await ApiStandIn.start()
  client = new DeckClient({ baseUrl: api.url, apiKey: 'key', agentId: 'tester' })
})
afterEach(() => api[Symbol.asyncDispose]())

describe('the event stream', () => {
  test('tells each listener what it wants to hear, with the cursor', async () => {
    const loops: unknown[] = []
    const all: ClientEvent[] = []
    const stream = client.events()
    stream
      .on('loop.created', (loop) => void loops.push(loop))
      .on('loop.created', () => {
        throw new Error('mine')
      })
      .on('*', (_data, event) => void all.push(event))
    await until('the stream is open', () => stream.live && api.listeners === 1)
    api.emit('loop.created', { loop_id: 'loop_1' })
    api.emit('goal.created', { id: 7 })
    await until('both events', () => all.length === 3)
    expect(loops).toEqual([{ loop_id: 'loop_1' }])
    expect(all.map(({ type, id }) => [type, id])).toEqual([
      ['connected', undefined],
      ['loop.created', '1'],
      ['goal.created', '2'],
    ])
    const [request] = api.sent('GET', '/api/stream')
    expect(request?.headers['x-api-key']).toBe('key')
    expect(request?.headers['last-event-id']).toBeUndefined()
    stream.close()
    await stream.closed
    expect(stream.live).toBe(false)
  })

  test('can be iterated, and is closed with the loop', async () => {
    const seen: unknown[] = []
    for await (const { type, data } of client.events()) {
      if (type === 'connected') {
        api.emit('action.created', { action_id: 'act_1' })
        api.emit('action.created', { action_id: 'act_2' })
      } else seen.push(data)
      if (seen.length === 2) break
    }
    expect(seen).toEqual([{ action_id: 'act_1' }, { action_id: 'act_2' }])
    await until('the stream is closed', () => api.listeners === 0)
  })

  test('begins where an earlier one ended', async () => {
    for (const id of [1, 2, 3]) api.emit('action.updated', { id })
    const seen: unknown[] = []
    const stream = client
      .events({ lastEventId: '2' })
      .on('action.updated', ({ id }) => void seen.push(id))
    await until('the event', () => seen.length === 1)
    expect(seen).toEqual([3])
    stream.close()
  })

  test('resumes by the query in a page, whose origin may not send the header', async () => {
    for (const id of [1, 2]) api.emit('action.updated', { id })
    Object.assign(globalThis, { location: {} })
    const seen: unknown[] = []
    const stream = client.events({ lastEventId: '1' })
    stream.on('action.updated', ({ id }) => void seen.push(id))
    await until('the event', () => seen.length === 1).finally(() => {
      Reflect.deleteProperty(globalThis, 'location')
    })
    stream.close()
    expect(seen).toEqual([2])
    const [request] = api.sent('GET', '/api/stream')
    expect(request?.query).toEqual({ lastEventId: '1' })
    expect(request?.headers['last-event-id']).toBeUndefined()
  })

  test('ends with an error where there is none, and tries no more', async () => {
    api.hasStream = false
    const errors: unknown[] = []
    const stream = client.events().on('error', (error) => void errors.push(error))
    await stream.closed
    expect(errors).toMatchObject([{ status: 404 }])
    await expect(client.events()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      status: 404,
    })
    expect(api.sent('GET', '/api/stream')).toHaveLength(2)
  })

  test('ends where the answer is no stream', async () => {
    api.hasStream = false
    api.prescribe({ body: { ok: true } })
    const errors: unknown[] = []
    await client.events().on('error', (error) => void errors.push(error)).closed
    expect(errors).toMatchObject([{ code: 'INVALID_RESPONSE' }])
  })

  test('gives up after as many attempts as it may, and says why', async () => {
    api.hasStream = false
    const busy = { status: 503, body: { error: 'Busy' } }
    api.prescribe(busy, busy, busy)
    const told: string[] = []
    const stream = client.events({ maxRetries: 2, retryInterval: 1 })
    stream.on<{ attempt: number }>(
      'reconnecting',
      ({ attempt }) => void told.push(`again ${attempt}`),
    )
    stream.on<Error>('error', ({ message, cause }) => {
      told.push(`${message}: ${(cause as Error).message}`)
    })
    await stream.closed
    expect(told).toEqual(['again 1', 'again 2', 'The event stream has ended: Busy'])
  })

  test('is not opened again when that is not wanted', async () => {
    const stream = client.events({ reconnect: false })
    await until('the stream is open', () => api.listeners === 1)
    api.cutStreams()
    await stream.closed
    expect(api.sent('GET', '/api/stream')).toHaveLength(1)
  })

  test('ends with a signal, before and after it has begun', async () => {
    const abort = new AbortController()
    const stream = client.events({ signal: abort.signal })
    await until('the stream is open', () => api.listeners === 1)
    abort.abort()
    await stream.closed
    await client.events({ signal: abort.signal }).closed
    await client.with({ signal: abort.signal }).events().closed
    await until('the stream is closed', () => api.listeners === 0)
  })
})
