import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Link } from '../../../src/doors/operator/link.ts'
import type { TestDeck } from '../../support/deck.ts'
import { OutsideDeck } from '../../support/outside-deck.ts'
import type { Signed, SigningAgent } from '../../support/signing-agent.ts'

let cleanups: (() => unknown)[] = []
let outside: OutsideDeck
let deck: TestDeck
let owner: Link
let far: SigningAgent

async function open(): Promise<void> {
  outside = await OutsideDeck.open((act) => cleanups.push(act))
  ;({ deck, owner } = outside)
  far = outside.agent()
}

async function close(): Promise<void> {
  for (const act of cleanups.toReversed()) await act()
  cleanups = []
}

const DENIED = { status: 401, answer: { decision: 'block' } }
const ASK = JSON.stringify({ type: 'exec', target: 'ls', argv: ['ls'] })
const MINUTE = 60_000

describe('a signature does not count', () => {
  beforeAll(async () => {
    await open()
    await outside.trust(far)
  })
  afterAll(close)

  const cases: [name: string, make: () => Promise<Signed>][] = [
    [
      'when there is none',
      async () => ({ ...(await far.signed('POST', '/ask', ASK)), headers: {} }),
    ],
    [
      'over another body',
      async () => ({ ...(await far.signed('POST', '/ask', ASK)), body: ASK.replace('ls', 'rm') }),
    ],
    [
      'over another address',
      async () => ({
        ...(await far.signed('POST', '/ask', ASK)),
        path: '/v1/agents/far/ask?wait=1',
      }),
    ],
    [
      'over another method',
      async () => ({ ...(await far.signed('GET', '/whoami')), method: 'PUT' }),
    ],
    [
      'that leaves the body out',
      () => far.signed('POST', '/ask', ASK, { fields: ['@method', '@path', '@query'] }),
    ],
    ['without a nonce', () => far.signed('POST', '/ask', ASK, { params: ['created', 'keyid'] })],
    ['with a short nonce', () => far.signed('POST', '/ask', ASK, { nonce: 'again' })],
    [
      'that is old',
      () =>
        far.signed('POST', '/ask', ASK, { created: new Date(outside.clock.now() - MINUTE - 1000) }),
    ],
    [
      'from the future',
      () => far.signed('POST', '/ask', ASK, { created: new Date(outside.clock.now() + 4000) }),
    ],
    ['by another algorithm', () => far.signed('POST', '/ask', ASK, { alg: 'hmac-sha256' })],
    [
      'by the key of another agent',
      async () => {
        await owner.do('agent.create', { template: 'coder', agent: 'other', backend: 'outside' })
        const other = outside.agent('other')
        await outside.trust(other)
        const sent = await other.signed('POST', '/ask', ASK)
        return { ...sent, path: '/v1/agents/far/ask' }
      },
    ],
    [
      'by a key that is not known',
      async () => {
        const stranger = outside.agent()
        stranger.keyid = 'key_0000000000000'
        return stranger.signed('POST', '/ask', ASK)
      },
    ],
    [
      'with the name of a trusted key',
      async () => {
        const thief = outside.agent()
        thief.keyid = far.keyid
        return thief.signed('POST', '/ask', ASK)
      },
    ],
    [
      'in headers without end',
      async () => {
        const sent = await far.signed('POST', '/ask', ASK)
        return {
          ...sent,
          headers: { ...sent.headers, 'Signature-Input': `sig1=(${'"@method" '.repeat(500)})` },
        }
      },
    ],
    [
      'twice over',
      async () => {
        const sent = await far.signed('POST', '/ask', ASK)
        const both = `${sent.headers['Signature-Input']}, ${sent.headers['Signature-Input']?.replace('sig1', 'sig2')}`
        return { ...sent, headers: { ...sent.headers, 'Signature-Input': both } }
      },
    ],
  ]
  test.each(cases)('%s', async (_name, make) => {
    const { status, answer } = await far.send(await make())
    expect([401, 403]).toContain(status)
    expect(answer).toMatchObject({ decision: 'block', reasons: [{ text: expect.any(String) }] })
    expect(await deck.deck.approvals.list('all', 10)).toEqual([])
  })

  test('when it was sent before', async () => {
    const sent = await far.signed('POST', '/ask', ASK)
    expect((await far.send(sent)).status).toBe(200)
    expect(await far.send(sent)).toMatchObject(DENIED)
  })

  test('that counted before a restart, whatever its date', async () => {
    outside.clock.advance(2 * MINUTE)
    const dates = [-60, -1, 0, 1, 3].map((s) => new Date(outside.clock.now() + s * 1000))
    const sent = await Promise.all(
      dates.map((created) => far.signed('POST', '/ask', ASK, { created })),
    )
    for (const one of sent) expect((await far.send(one)).status).toBe(200)
    await outside.restart()
    for (let i = 0; i <= 63; i++) {
      for (const one of sent) expect(await far.send(one)).toMatchObject(DENIED)
      outside.clock.advance(1000)
    }
  })

  test('until its last millisecond, and remembered so long', async () => {
    const created = new Date(Math.ceil(outside.clock.now() / 1000) * 1000)
    const [early, late] = [
      await far.signed('POST', '/ask', ASK, { created }),
      await far.signed('POST', '/ask', ASK, { created }),
    ]
    expect((await far.send(early)).status).toBe(200)
    outside.clock.advance(created.getTime() + MINUTE - outside.clock.now())
    expect(await far.send(early)).toMatchObject(DENIED)
    expect((await far.send(late)).status).toBe(200)
    outside.clock.advance(1)
    expect(await far.send(await far.signed('POST', '/ask', ASK, { created }))).toMatchObject(DENIED)
  })
})
