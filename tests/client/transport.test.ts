import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  DashClaw,
  DashClawError,
  DeckClient,
  DeckClientError,
  GuardBlockedError,
  OpenClawAgent,
  type ClientOptions,
} from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { until } from '../support/until.ts'

let api: ApiStandIn
beforeAll(async () => {
  api = await ApiStandIn.start()
})
afterEach(() => void api.requests.splice(0))
afterAll(() => api[Symbol.asyncDispose]())

function clientWith(options: Partial<ClientOptions> = {}): DeckClient {
  return new DeckClient({ baseUrl: api.url, apiKey: 'oc_live_key', agentId: 'tester', ...options })
}

async function failureOf(call: Promise<unknown>): Promise<DeckClientError> {
  const error: unknown = await call.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeckClientError)
  return error as DeckClientError
}

describe('an answer', () => {
  test('of 403 with a decision is a block, with all that the guard said', async () => {
    const action = { action_type: 'forbidden', declared_goal: 'Drop it' }
    const error = await failureOf(clientWith().createAction(action))
    expect(error).toBeInstanceOf(GuardBlockedError)
    expect(error).toMatchObject({
      name: 'GuardBlockedError',
      message: 'forbidden is not free',
      status: 403,
      code: 'GUARD_BLOCKED',
      reasons: ['forbidden is not free'],
      warnings: [],
      matchedPolicies: ['gp_1'],
      riskScore: 42,
      decision: { decision: 'block' },
      body: { action: { status: 'blocked' } },
    })
  })

  test('of 403 without one is a missing right', async () => {
    api.prescribe({ status: 403, body: { error: 'Admin role required' } })
    const error = await failureOf(clientWith().getOrg())
    expect(error).not.toBeInstanceOf(GuardBlockedError)
    expect(error).toMatchObject({ message: 'Admin role required', status: 403, code: 'HTTP_403' })
  })

  test('names its code, its details and the reason before the error', async () => {
    api.prescribe({
      status: 401,
      body: {
        error: 'Unauthorized',
        reason: 'Sign it',
        code: 'SIGNATURE_REQUIRED',
        details: ['a'],
      },
    })
    const error = await failureOf(clientWith().getSignals())
    expect(error).toMatchObject({
      message: 'Sign it',
      code: 'SIGNATURE_REQUIRED',
      status: 401,
      details: ['a'],
    })
  })

  test.each([
    ['broken JSON', { body: '{"actions": [' }, { code: 'INVALID_RESPONSE', status: 200 }],
    ['a page', { body: '<h1>Proxy</h1>' }, { code: 'INVALID_RESPONSE', status: 200 }],
    ['nothing', { status: 204, body: '' }, { code: 'INVALID_RESPONSE', status: 204 }],
    ['a page with 502', { status: 502, body: '<h1>Bad</h1>' }, { code: 'HTTP_502', status: 502 }],
    ['a list with 500', { status: 500, body: [1] }, { code: 'HTTP_500', status: 500 }],
    ['null with 404', { status: 404, body: 'null' }, { code: 'HTTP_404', status: 404 }],
  ])('that is %s is an error of its own', async (_what, answer, expected) => {
    api.prescribe(answer)
    expect(await failureOf(clientWith().getActions())).toMatchObject(expected)
  })

  test('that leads elsewhere is not followed: the key would go along', async () => {
    api.prescribe({ status: 307, headers: { location: `${api.url}/api/elsewhere` } })
    expect(await failureOf(clientWith().getActions())).toMatchObject({ code: 'NETWORK' })
    expect(api.requests.map(({ path }) => path)).toEqual(['/api/actions'])
  })

  test('is a file where it is one', async () => {
    api.prescribe({
      headers: {
        'content-type': 'text/csv',
        'content-disposition': 'attachment; filename="a.csv"',
      },
      body: 'x,y',
    })
    const { data, filename, mimeType } = await clientWith().getAttachment('att_1')
    expect([new TextDecoder().decode(data), filename, mimeType]).toEqual([
      'x,y',
      'a.csv',
      'text/csv',
    ])
    api.prescribe({ body: '# Report' })
    expect(await clientWith().downloadComplianceExport('ce_1')).toBe('# Report')
  })
})

describe('a server that is busy', () => {
  test('is asked again when it says when', async () => {
    const wait = { status: 429, headers: { 'retry-after': '0' }, body: { error: 'Slow down' } }
    api.prescribe(wait, wait)
    await clientWith().sendMessage('hello')
    expect(api.sent('POST', '/api/messages')).toHaveLength(3)
  })

  test('is not asked for ever, and not before a minute that it wants', async () => {
    const error = { error: 'Slow down' }
    const soon = { status: 429, headers: { 'retry-after': '0' }, body: error }
    api.prescribe(soon, soon, soon)
    expect(await failureOf(clientWith().getActions())).toMatchObject({
      status: 429,
      retryAfterSeconds: 0,
    })
    api.prescribe({ status: 429, headers: { 'retry-after': '61' }, body: error })
    expect(await failureOf(clientWith().getActions())).toMatchObject({ retryAfterSeconds: 61 })
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    api.prescribe({ status: 429, headers: { 'retry-after': date }, body: error })
    expect((await failureOf(clientWith().getActions())).retryAfterSeconds).toBeGreaterThan(3500)
  })

  test('that is away is asked again only for what changes nothing', async () => {
    const away = { status: 503, headers: { 'retry-after': '0' }, body: { error: 'Away' } }
    api.prescribe(away)
    await clientWith().getActions()
    api.prescribe(away)
    expect(await failureOf(clientWith().sendMessage('hello'))).toMatchObject({ status: 503 })
  })
})

describe('no answer', () => {
  test('in time is an error, and so is none at all', async () => {
    api.prescribe({ silent: true })
    const error = await failureOf(clientWith({ timeoutMs: 20 }).getActions())
    expect(error).toMatchObject({ code: 'TIMEOUT', status: undefined })
    expect(error.message).toBe('GET /api/actions: no answer within 20 ms')
    const nowhere = clientWith({ baseUrl: 'http://127.0.0.1:9' })
    expect(await failureOf(nowhere.getActions())).toMatchObject({ code: 'NETWORK' })
  })

  test('is waited for no longer when the program aborts', async () => {
    const abort = new AbortController()
    api.prescribe({ silent: true })
    const call = clientWith().with({ signal: abort.signal }).getActions()
    await until('the request', () => api.requests.length === 1)
    abort.abort()
    expect(await failureOf(call)).toMatchObject({ code: 'ABORTED' })
    const late = clientWith({ signal: abort.signal }).getActions()
    expect(await failureOf(late)).toMatchObject({ code: 'ABORTED' })
  })

  test('is needed to know that a body cannot be sent', async () => {
    const circle: Record<string, unknown> = {}
    circle['itself'] = circle
    const call = clientWith().syncState({ memory: circle })
    expect(await failureOf(call)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('options', () => {
  test('that are wrong are refused at once', () => {
    const good = { baseUrl: 'https://deck.test', agentId: 'tester' }
    const wrong: unknown[] = [
      undefined,
      { agentId: 'tester' },
      { ...good, agentId: '' },
      { ...good, baseUrl: 'deck.test' },
      { ...good, baseUrl: 'ftp://deck.test' },
      { ...good, baseUrl: 'https://me:secret@deck.test' },
      { ...good, baseUrl: 'https://deck.test/?a=1' },
      { ...good, apiKey: 7 },
      { ...good, guardMode: 'strict' },
      { ...good, hitlMode: 'warn' },
      { ...good, autoRecommend: 'on' },
      { ...good, timeoutMs: -1 },
      { ...good, retries: Number.NaN },
    ]
    for (const options of wrong)
      expect(() => new DeckClient(options as ClientOptions), JSON.stringify(options)).toThrow(
        DeckClientError,
      )
    expect(new DeckClient({ ...good, apiKey: null, guardMode: null }).baseUrl).toBe(good.baseUrl)
  })

  test('may hold a path, and no key inside of a pod', async () => {
    await clientWith({ baseUrl: `${api.url}/deck/`, apiKey: null }).getSignals()
    expect(api.requests[0]).toMatchObject({ path: '/deck/api/actions/signals' })
    expect(api.requests[0]?.headers['x-api-key']).toBeUndefined()
  })

  test('that send a key in the clear are warned about', () => {
    const warnings: string[] = []
    const warn = (message: string): void => void warnings.push(message)
    for (const baseUrl of ['http://deck.test', 'http://localhost.evil.test', 'http://10.0.0.1'])
      clientWith({ baseUrl, warn })
    expect(warnings).toHaveLength(3)
    for (const baseUrl of [
      'http://localhost:3000',
      'http://127.0.0.1',
      'http://[::1]:1',
      'https://x',
    ])
      clientWith({ baseUrl, warn })
    expect(warnings).toHaveLength(3)
  })

  test('can be changed for a second client', async () => {
    await clientWith().with({ agentId: 'other' }).getInbox()
    expect(api.requests[0]?.query['agent_id']).toBe('other')
  })

  test('go with the names that users of the original know', () => {
    expect(DashClaw).toBe(DeckClient)
    expect(OpenClawAgent).toBe(DeckClient)
    expect(DashClawError).toBe(DeckClientError)
    expect(clientWith()).toBeInstanceOf(DashClaw)
  })
})
