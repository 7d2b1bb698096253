import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { request as requestTls } from 'node:https'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFace } from '../../../src/commands/registry.ts'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import type { PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { OutsideDeck } from '../../support/outside-deck.ts'
import type { KeyKind, SigningAgent } from '../../support/signing-agent.ts'

const cleanups: (() => unknown)[] = []
let outside: OutsideDeck
beforeEach(async () => {
  outside = await OutsideDeck.open((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const refused = { fault: { code: 'refused' } }
const bodies = (type: string) =>
  outside.deck
    .events()
    .filter((event) => event.type === type)
    .map(({ body }) => body)

async function offered(input: object = {}): Promise<PairingOffer> {
  const offer = { kind: 'agent', scope: 'far', ...input }
  return (await outside.owner.do('access.pair', offer)) as PairingOffer
}

/** What is told to whoever posts a token and a key to where an agent pairs, line by line. */
async function posted(place: string, body: unknown, name = 'far') {
  const options = { method: 'POST', path: `/v1/agents/${name}` }
  const sending = place.startsWith('https:')
    ? requestTls(place, { ...options, rejectUnauthorized: false, agent: false })
    : request({ socketPath: place, ...options })
  cleanups.push(() => sending.destroy())
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  sending.end(JSON.stringify(body))
  const lines = createInterface((await answered)[0])[Symbol.asyncIterator]()
  return async () => JSON.parse(String((await lines.next()).value)) as Told
}

interface Told {
  item?: { state: string; code?: string; keyid?: string }
  fault?: { code: string }
}

const keyOf = (agent: SigningAgent, asJwk = false) => (asJwk ? agent.jwk : agent.pem)

async function openPage(): Promise<string> {
  const { address } = (await outside.owner.do('access.serve', { port: 0 })) as DoorRow
  return address?.url ?? ''
}

/** Gives an offer to an agent, as its program takes it. */
async function takenBy(agent: SigningAgent, token: string, place = outside.deck.accessSocket) {
  const told = await posted(place, { token, key: keyOf(agent), device: 'build-box' })
  const { item } = await told()
  return { told, code: item?.code ?? '' }
}

describe('an offer to an agent outside of pods', () => {
  test.each<[KeyKind, door: 'socket' | 'page']>([
    ['ed25519', 'socket'],
    ['p256', 'page'],
    ['rsa', 'page'],
  ])('trusts its %s key once both show the same code, at the %s', async (kind, door) => {
    const far = outside.agent('far', kind)
    if (door === 'page') far.place = await openPage()
    const offer = await offered()
    const { token } = offer
    expect(offer.link).toMatch(
      door === 'page'
        ? new RegExp(`^${far.place}/v1/agents/far#${token}\\.[0-9a-f]{20}$`)
        : new RegExp(`^clawdeck:${far.place}#${token}$`),
    )
    // Who scans a code has to reach what it says.
    const qr = findFace('access.pair')?.qr?.(offer as never)
    expect(qr).toBe(door === 'page' ? offer.link : undefined)
    const { told, code } = await takenBy(far, token, far.place)
    expect(code).toMatch(/^\d{6}$/)
    const { id } = offer.pairing
    await expect(outside.owner.do('access.confirm', { id })).rejects.toMatchObject({
      code: 'confirmation.needed',
      confirm: [{ what: 'code', value: code }],
    })
    expect(await outside.owner.do('agent_key.list')).toEqual([])
    const paired = await outside.owner.do('access.confirm', { id, confirm: { code } })
    const { item: { keyid = '', ...ending } = {} } = await told()
    expect(ending).toEqual({ state: 'confirmed' })
    expect(paired).toEqual({ id: keyid, agent: 'far' })
    far.keyid = keyid
    expect(await far.exec('uname -a')).toMatchObject({ pending: true })
    await outside.owner.do('agent_key.end', { id: far.keyid })
    expect(await far.exec('uname -a')).toMatchObject({ decision: 'block' })
    expect(JSON.stringify(outside.deck.events())).not.toContain(token)
    for (const type of ['pairing.offered', 'pairing.presented', 'pairing.confirmed'])
      expect(bodies(type)).toHaveLength(1)
    expect(bodies('agent_key.trusted')).toMatchObject([{ id: far.keyid, key: { type: kind } }])
  })

  test('takes a JWK, and no private key', async () => {
    const far = outside.agent()
    const { token } = await offered()
    const { accessSocket } = outside.deck
    const pem = '-----BEGIN PRIVATE KEY-----'
    const wrong = await posted(accessSocket, { token, key: pem })
    expect(await wrong()).toMatchObject({ fault: { code: 'input.invalid' } })
    const right = await posted(accessSocket, { token, key: keyOf(far, true) })
    expect(await right()).toMatchObject({ item: { state: 'presented' } })
  })

  test('works once, for its agent, within its minute', async () => {
    const [first, second] = [outside.agent(), outside.agent()]
    const { token, pairing } = await offered()
    const { accessSocket } = outside.deck
    const other = await posted(accessSocket, { token, key: first.pem }, 'other')
    expect(await other()).toMatchObject(refused)
    const both = await Promise.all(
      [first, second].map(async ({ pem }) => (await posted(accessSocket, { token, key: pem }))()),
    )
    expect(both.filter(({ fault }) => fault?.code === 'refused')).toHaveLength(1)
    await outside.owner.do('access.refuse', { id: pairing.id })
    const late = await offered()
    outside.clock.advance(60_000)
    const told = await posted(accessSocket, { token: late.token, key: first.pem })
    expect(await told()).toMatchObject(refused)
    expect(bodies('agent_key.trusted')).toEqual([])
    expect(bodies('pairing.guessed').length).toBeGreaterThan(1)
  })

  test('is told when it was refused, or nobody confirmed it', async () => {
    const [first, second] = [await offered(), await offered()]
    const one = await takenBy(outside.agent(), first.token)
    const two = await takenBy(outside.agent(), second.token)
    await outside.owner.do('access.refuse', { id: first.pairing.id })
    expect(await one.told()).toEqual({ item: { state: 'refused' } })
    outside.clock.advance(10 * 60_000)
    expect(await two.told()).toEqual({ item: { state: 'expired' } })
  })

  test('is locked by five wrong tokens', async () => {
    const { token, pairing } = await offered()
    const far = outside.agent()
    for (let i = 0; i < 5; i++) await takenBy(far, 'x'.repeat(24))
    const told = await posted(outside.deck.accessSocket, { token, key: far.pem })
    expect(await told()).toMatchObject(refused)
    expect(bodies('pairing.locked')).toEqual([{ id: pairing.id }])
  })

  test('is taken by no terminal, and that to a terminal by no agent', async () => {
    const toAgent = await offered()
    const toTerminal = await offered({ kind: 'console', scope: 'deck' })
    const guest = openLink(outside.deck.accessSocket, 'cli', () => undefined)
    cleanups.push(() => guest.close())
    const spki = outside.agent().publicKey.export({ type: 'spki', format: 'der' })
    const key = { type: 'ed25519', spki: spki.toString('base64') }
    const presented = { token: toAgent.token, person: 'far', device: 'laptop', key }
    await expect(guest.do('access.present', presented)).rejects.toMatchObject({ code: 'refused' })
    const { accessSocket } = outside.deck
    const told = await posted(accessSocket, { token: toTerminal.token, key: outside.agent().pem })
    expect(await told()).toMatchObject(refused)
  })

  test('is made for an agent that runs outside of pods, and by owners', async () => {
    await outside.deck.agent('a1')
    for (const scope of ['a1', 'nobody'])
      await expect(offered({ scope })).rejects.toMatchObject({ code: 'not.possible' })
    for (const input of [{ scope: 'deck' }, { operator: 'maya' }])
      await expect(offered(input)).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('does not outlive its agent', async () => {
    const { token, pairing } = await offered()
    const { code } = await takenBy(outside.agent(), token)
    await outside.owner.do('agent.delete', { agent: 'far', force: true })
    await expect(
      outside.owner.do('access.confirm', { id: pairing.id, confirm: { code } }),
    ).rejects.toMatchObject({ code: 'not.possible' })
  })
})
