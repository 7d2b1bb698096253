import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient, type ClientEvent } from '../../../src/client/client.ts'
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
const DEPLOY = { action_type: 'deploy', declared_goal: 'ship it' }

function client(apiKey = api.keys.member): DeckClient {
  return new DeckClient({ baseUrl: api.url, apiKey, agentId: 'scout' })
}

async function pending(): Promise<string> {
  const [waiting] = await api.deck.deck.approvals.list('pending', 1)
  return waiting?.id ?? ''
}

describe('a client that waits for a held action', () => {
  test('hears from the stream that an operator allowed it', async () => {
    const scout = client()
    const { action_id: id } = (await scout.createAction(DEPLOY)) as { action_id: string }
    const waiting = scout.waitForApproval(id, { timeout: 60_000 })
    await api.deck.deck.approvals.allow(await pending(), {}, 'operator:maya/console')
    expect(await waiting).toMatchObject({ action: { status: 'running', approved_by: 'maya' } })
  })

  test('hears that it was denied, and why', async () => {
    const scout = client()
    const { action_id: id } = (await scout.createAction(DEPLOY)) as { action_id: string }
    const waiting = scout.waitForApproval(id, { timeout: 60_000 })
    const denied = expect(waiting).rejects.toThrow('not today')
    await api.deck.deck.approvals.deny(await pending(), { note: 'not today' }, OPERATOR)
    await denied
  })

  test('is answered by its second look, if it can only look', async () => {
    const held = await api.call('POST /actions', { ...DEPLOY, agent_id: 'scout' })
    const address = `GET /actions/${String(held.body['action_id'])}`
    expect(await api.call(address)).toMatchObject({ body: { action: { approved_by: null } } })
    const second = api.call(address)
    await api.deck.deck.approvals.allow(await pending(), {}, 'operator:maya/cli')
    expect(await second).toMatchObject({ body: { action: { approved_by: 'maya' } } })
  })
})

/** Reads frames until one has this name. */
async function until(stream: AsyncIterable<ClientEvent>, name: string): Promise<ClientEvent[]> {
  const heard: ClientEvent[] = []
  for await (const event of stream) {
    heard.push(event)
    if (event.type === name) break
  }
  return heard
}

function cursorIn(data: unknown): string {
  return (data as { lastEventId: string }).lastEventId
}

describe('the stream', () => {
  test('resumes where a client left, after a restart too', async () => {
    const first = await api.call('POST /actions', RESEARCH)
    const [connected] = await until(client().events(), 'connected')
    expect(connected?.data).toMatchObject({ replayed: 0 })
    const lastEventId = connected?.data === undefined ? '' : cursorIn(connected.data)
    const second = await api.call('POST /actions', RESEARCH)
    await api.deck.stop()
    await api.deck.start()
    await api.open()
    const missed = await until(client().events({ lastEventId }), 'connected')
    expect(missed.map(({ type }) => type)).toEqual([
      'guard.decision.created',
      'action.created',
      'connected',
    ])
    expect(missed[1]?.data).toMatchObject({ action_id: second.body['action_id'] })
    expect(missed[1]?.data).not.toMatchObject({ action_id: first.body['action_id'] })
    expect(missed[2]?.data).toMatchObject({ replayed: 2, orgId: 'org_default' })
  })

  test('tells nothing of another organisation', async () => {
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const acme = client(await api.key(org, 'member'))
    await api.call('POST /actions', RESEARCH)
    const heard = await until(acme.events({ lastEventId: 'j-0' }), 'connected')
    expect(heard.map(({ type }) => type)).toEqual(['connected'])
  })

  test('ends at once with its key', async () => {
    const stream = client().events({ reconnect: false })
    const closed = expect(until(stream, 'never')).rejects.toThrow(/ended/)
    await new Promise<void>((resolve) => void stream.on('connected', () => resolve()))
    const [key] = api.deck.deck.orgs.keys(null).filter(({ role }) => role === 'member')
    await api.deck.deck.orgs.revokeKey(key?.id ?? '', null, OPERATOR)
    await closed
  })
})
