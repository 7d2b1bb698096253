import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DeckClient, DeckClientError } from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { ACTION_EXAMPLES } from './wire/actions.ts'
import { LEARNING_EXAMPLES } from './wire/learning.ts'
import { MESSAGE_EXAMPLES } from './wire/messages.ts'
import { ORG_EXAMPLES } from './wire/orgs.ts'
import { STUDIO_EXAMPLES } from './wire/studio.ts'

const EXAMPLES = [
  ...ACTION_EXAMPLES,
  ...LEARNING_EXAMPLES,
  ...MESSAGE_EXAMPLES,
  ...ORG_EXAMPLES,
  ...STUDIO_EXAMPLES,
].map(([name, args, request, body]) => ({ name, args, request, body }))
/** What is more than one request, or none. */
const COMPOSED = [
  'actionContext',
  'createPairingFromPrivateJwk',
  'events',
  'getAttachmentUrl',
  'getContextSummary',
  'recommendAction',
  'startHeartbeat',
  'stopHeartbeat',
  'track',
  'waitForApproval',
  'waitForPairing',
  'with',
  'wrapClient',
]

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>
let api: ApiStandIn
let client: DeckClient
let methods: Methods

beforeAll(async () => {
  api = await ApiStandIn.start()
  client = new DeckClient({
    baseUrl: `${api.url}/`,
    apiKey: 'oc_live_key',
    agentId: 'tester',
    agentName: 'Tess',
    swarmId: 'blue',
  })
  methods = client as unknown as Methods
})
afterEach(() => void api.requests.splice(0))
afterAll(() => api[Symbol.asyncDispose]())

function methodNames(): string[] {
  const own = [client, Object.getPrototypeOf(client)].flatMap((part) =>
    Object.getOwnPropertyNames(part),
  )
  return own.filter((name) => name !== 'constructor' && typeof methods[name] === 'function')
}

async function refusal(name: string, args: readonly unknown[]): Promise<unknown> {
  return methods[name]?.(...args).catch((error: unknown) => error)
}

describe('every method', () => {
  test('has an example, and there are the 185 that were promised', () => {
    expect(methodNames().toSorted()).toEqual(
      [...EXAMPLES.map(({ name }) => name), ...COMPOSED].toSorted(),
    )
    expect(EXAMPLES.length + COMPOSED.length).toBeGreaterThanOrEqual(185)
  })

  test.each(EXAMPLES)('$name sends what the API expects', async ({ name, args, request, body }) => {
    await methods[name]?.(...args)
    const [sent, ...more] = api.requests
    expect(more).toEqual([])
    const url = new URL(request.split(' ')[1] ?? '', 'http://api')
    expect(sent).toMatchObject({
      method: request.split(' ')[0],
      path: `/api${url.pathname}`,
      query: Object.fromEntries(url.searchParams),
    })
    expect(Object.keys(sent?.query ?? {}).length).toBe(url.searchParams.size)
    expect(sent?.body).toEqual(body)
    expect(sent?.headers['x-api-key']).toBe('oc_live_key')
    expect(sent?.headers['content-type']).toBe(body === undefined ? undefined : 'application/json')
  })

  test.each(EXAMPLES)('$name sends nothing of what cannot be right', async ({ name, args }) => {
    const wrongs: unknown[][] = [
      [{ limit: Number.NaN }],
      [{ other: () => 1 }],
      [...args, 'superfluous', 'text', 'more', 'and more'],
    ]
    for (const wrong of wrongs) {
      const error = await refusal(name, wrong)
      expect(error, `${name}(${JSON.stringify(wrong)})`).toBeInstanceOf(DeckClientError)
      expect((error as DeckClientError).code).toBe('INVALID_ARGUMENT')
    }
    expect(api.requests).toEqual([])
  })

  const NEEDY = EXAMPLES.filter(({ args }) => args.length > 0 && typeof args[0] !== 'number')
  test.each(NEEDY)(
    '$name asks for nothing else when its first argument is missing',
    async (row) => {
      for (const missing of ['', null, undefined]) {
        const before = api.requests.length
        const error = await refusal(row.name, [missing, ...row.args.slice(1)])
        if (api.requests.length === before)
          expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
      }
      const path = row.request.split(/[ ?]/)[1]
      for (const sent of api.requests) expect(sent.path).toBe(`/api${path}`)
    },
  )

  test.each(EXAMPLES)('$name turns an error of the server into its own', async ({ name, args }) => {
    api.prescribe({ status: 400, body: { error: 'Validation failed', details: ['no'] } })
    const error = await refusal(name, args)
    expect(error).toBeInstanceOf(DeckClientError)
    expect(error).toMatchObject({ message: 'Validation failed', status: 400, details: ['no'] })
  })
})

describe('ids', () => {
  const BY_ID = EXAMPLES.filter(({ args: [id], request }) => {
    return typeof id === 'string' && id.endsWith('_1') && request.includes(`/${id}`)
  })

  test.each(BY_ID)('$name never asks for another address', async ({ name, args }) => {
    for (const id of ['', '.', '..', 'undefined', 'null', '\ud800', [], true, Number.NaN]) {
      const error = await refusal(name, [id, ...args.slice(1)])
      expect(error, `${name}(${String(id)})`).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    expect(api.requests).toEqual([])
    await methods[name]?.('../../keys?role=admin#x', ...args.slice(1))
    expect(api.requests[0]?.path).toContain('..%2F..%2Fkeys%3Frole%3Dadmin%23x')
  })

  test('are escaped in an address that is only built', () => {
    expect(client.getAttachmentUrl('att_1&x')).toBe(
      `${api.url}/api/messages/attachments?id=att_1%26x`,
    )
    expect(() => client.getAttachmentUrl('')).toThrow('id is required')
  })
})

describe('arguments', () => {
  test('by position, by name and in both spellings are the same', async () => {
    const expected = { action_id: 'act_1', assumption: 'holds' }
    await client.recordAssumption('act_1', 'holds')
    await client.recordAssumption({ actionId: 'act_1', assumption: 'holds' })
    await methods['recordAssumption']?.('act_1', { assumption: 'holds' })
    await client.recordAssumption({
      action_id: 'act_1',
      actionId: 'act_2',
      assumption: 'holds',
    } as never)
    expect(api.requests.map(({ body }) => body)).toEqual([expected, expected, expected, expected])
  })

  test('that are null or undefined are absent, and other falsy values are not', async () => {
    await client.updateSession('sess_1', { commitsBehind: 0, status: null, greenLevel: undefined })
    expect(api.requests[0]?.body).toEqual({ commits_behind: 0 })
    await client.getActions({ offset: 0, limit: null, status: '' })
    expect(api.requests[1]?.query).toEqual({ offset: '0' })
  })

  test('of a later version of the API are passed on', async () => {
    await client.guard({ action_type: 'deploy', sourceOfTruth: 'git' } as never)
    expect(api.requests[0]?.body).toMatchObject({ source_of_truth: 'git' })
  })

  test('that are objects do not become text in an address', async () => {
    const error = await refusal('getActions', [{ status: { $ne: 1 } }])
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(api.requests).toEqual([])
  })

  test('are words where only some are allowed', async () => {
    const error = await refusal('approveAction', ['act_1', 'maybe'])
    expect((error as Error).message).toContain('allow/deny')
  })
})
