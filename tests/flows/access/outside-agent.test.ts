import { getEventListeners } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AgentKey } from '../../../src/domain/agents/keys/types.ts'
import { openLink, openPairingDoor } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { yesTo } from '../../support/confirmed.ts'
import { TestDeck } from '../../support/deck.ts'
import { SigningAgent, type KeyKind, type Signed } from '../../support/signing-agent.ts'
import { until } from '../../support/until.ts'

let cleanups: (() => unknown)[] = []
let deck: TestDeck
let owner: Link
let far: SigningAgent

/** A deck with an agent outside of pods that is started, and has no key yet. */
async function open(): Promise<void> {
  deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  owner = openLink(deck.home.socket, 'cli')
  const link = owner
  cleanups.push(() => link.close())
  await owner.do('agent.create', { template: 'coder', agent: 'far', backend: 'outside' })
  await owner.do('agent.start', { agent: 'far' })
  far = new SigningAgent('far', deck.accessSocket)
}

async function close(): Promise<void> {
  for (const act of cleanups.toReversed()) await act()
  cleanups = []
}

async function trust(agent: SigningAgent): Promise<void> {
  const file = agent.file(deck.home.root)
  const key = (await owner.do('agent_key.add', { agent: agent.name, file })) as AgentKey
  agent.keyid = key.id
}

describe('an agent outside of pods', () => {
  beforeEach(open)
  afterEach(close)

  test.each<KeyKind>(['ed25519', 'p256', 'rsa'])(
    'is answered as any agent, for what its %s key signs',
    async (kind) => {
      far = new SigningAgent('far', deck.accessSocket, kind)
      await trust(far)
      const waiting = far.exec('npm install left-pad', 20)
      const approval = await until(
        'the question waits',
        async () => (await deck.deck.approvals.list('pending', 10))[0],
      )
      expect(approval).toMatchObject({ agent: 'far', action: { target: 'npm install left-pad' } })
      await owner.do('approval.allow', yesTo(approval))
      expect(await waiting).toMatchObject({ decision: 'allow', pending: false })
    },
  )

  test('leaves nothing behind of a request that was answered', async () => {
    await trust(far)
    for (let i = 0; i < 5; i++) await far.send(await far.signed('GET', '/nothing'))
    const trusted = deck.running.composed.operators.whileTrusted(far.keyid)
    await until('none is left', () => getEventListeners(trusted, 'abort').length === 0)
  })

  test('asks to be known by its key, and is once an owner has compared the fingerprint', async () => {
    const door = openPairingDoor(deck.accessSocket)
    const asked = (await door.do('agent-key', { agent: 'far', key: far.jwk })) as AgentKey
    far.keyid = asked.id
    expect(await far.exec('uname -a')).toMatchObject({ decision: 'block' })
    await expect(owner.do('agent_key.confirm', { id: asked.id })).rejects.toMatchObject({
      code: 'confirmation.needed',
      confirm: [{ what: 'code', value: asked.fingerprint.slice(0, 16) }],
    })
    const confirm = { code: asked.fingerprint.slice(0, 16) }
    await owner.do('agent_key.confirm', { id: asked.id, confirm })
    expect(await far.exec('uname -a')).toMatchObject({ pending: true })
    expect(deck.events().map(({ type }) => type)).toEqual(
      expect.arrayContaining(['agent_key.requested', 'agent_key.trusted']),
    )
  })

  test('is out at once when its key is revoked, also while it waits', async () => {
    await trust(far)
    const waiting = far.exec('git push', 30)
    await deck.event(({ type }) => type === 'approval.requested')
    await owner.do('agent_key.end', { id: far.keyid })
    await expect(waiting).rejects.toThrow()
    expect(await far.exec('git push')).toMatchObject({ decision: 'block' })
  })

  test('is refused while it is stopped, and known again after a restart of the deck', async () => {
    await trust(far)
    await owner.do('agent.stop', { agent: 'far' })
    expect(await far.exec('ls')).toMatchObject({ decision: 'block' })
    await owner.do('agent.start', { agent: 'far' })
    await deck.stop()
    await deck.start()
    expect(await far.exec('ls')).toMatchObject({ decision: expect.not.stringMatching('block') })
  })

  test('takes its keys along when it is deleted', async () => {
    await trust(far)
    await owner.do('agent.delete', { agent: 'far', force: true })
    await owner.do('agent.create', { template: 'coder', agent: 'far', backend: 'outside' })
    await owner.do('agent.start', { agent: 'far' })
    expect(await far.exec('ls')).toMatchObject({ decision: 'block' })
  })

  test('has no shell here, and says what is not governed', async () => {
    await expect(owner.do('shell.open', { agent: 'far' })).rejects.toMatchObject({
      code: 'not.possible',
    })
    expect(await owner.do('policy.explain', { agent: 'far' })).toMatchObject({
      notEnforced: [expect.stringContaining('anything but its own questions')],
    })
  })
})

const ASK = JSON.stringify({ type: 'exec', target: 'ls', argv: ['ls'] })
const MINUTE = 60_000

describe('a signature does not count', () => {
  beforeAll(async () => {
    await open()
    await trust(far)
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
      () => far.signed('POST', '/ask', ASK, { created: new Date(Date.now() - 2 * MINUTE) }),
    ],
    [
      'from the future',
      () => far.signed('POST', '/ask', ASK, { created: new Date(Date.now() + 2 * MINUTE) }),
    ],
    ['by another algorithm', () => far.signed('POST', '/ask', ASK, { alg: 'hmac-sha256' })],
    [
      'by the key of another agent',
      async () => {
        await owner.do('agent.create', { template: 'coder', agent: 'other', backend: 'outside' })
        const other = new SigningAgent('other', deck.accessSocket)
        await trust(other)
        const sent = await other.signed('POST', '/ask', ASK)
        return { ...sent, path: '/v1/agents/far/ask' }
      },
    ],
    [
      'by a key that is not known',
      async () => {
        const stranger = new SigningAgent('far', deck.accessSocket)
        stranger.keyid = 'key_0000000000000'
        return stranger.signed('POST', '/ask', ASK)
      },
    ],
    [
      'with the name of a trusted key',
      async () => {
        const thief = new SigningAgent('far', deck.accessSocket)
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
    expect(await far.send(sent)).toMatchObject({ status: 401, answer: { decision: 'block' } })
  })
})

describe('a key is not trusted', () => {
  beforeAll(open)
  afterAll(close)

  test('that is in no file', async () => {
    const add = owner.do('agent_key.add', { agent: 'far', file: '/none/such' })
    await expect(add).rejects.toMatchObject({ code: 'not.found' })
  })

  test('for an agent in a pod, or for none', async () => {
    await deck.agent('a1')
    for (const agent of ['a1', 'nobody']) {
      const file = far.file(deck.home.root)
      await expect(owner.do('agent_key.add', { agent, file })).rejects.toMatchObject({
        code: 'not.possible',
      })
      const door = openPairingDoor(deck.accessSocket)
      await expect(door.do('agent-key', { agent, key: far.pem })).rejects.toMatchObject({
        code: 'refused',
      })
    }
  })

  test('when too many wait already', async () => {
    const door = openPairingDoor(deck.accessSocket)
    for (let i = 0; i < 20; i++) await door.do('agent-key', { agent: 'far', key: far.pem })
    await expect(door.do('agent-key', { agent: 'far', key: far.pem })).rejects.toMatchObject({
      code: 'refused',
    })
  })

  test('by who is no owner', async () => {
    const { key } = (await owner.do('operator.key', { id: 'helper', role: 'operator' })) as {
      key: string
    }
    const helper = openLink(deck.accessSocket, 'cli', async () => key)
    const file = far.file(deck.home.root)
    await expect(helper.do('agent_key.add', { agent: 'far', file })).rejects.toMatchObject({
      code: 'refused',
    })
    helper.close()
  })
})
