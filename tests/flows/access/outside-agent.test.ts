import { getEventListeners } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import type { AgentKey } from '../../../src/domain/agents/keys/types.ts'
import { openLink, openPairingDoor } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { yesTo } from '../../support/confirmed.ts'
import type { TestDeck } from '../../support/deck.ts'
import { OutsideDeck } from '../../support/outside-deck.ts'
import type { KeyKind, Signed, SigningAgent } from '../../support/signing-agent.ts'
import { until } from '../../support/until.ts'

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

describe('an agent outside of pods', () => {
  beforeEach(open)
  afterEach(close)

  test.each<KeyKind>(['ed25519', 'p256', 'rsa'])(
    'is answered as any agent, for what its %s key signs',
    async (kind) => {
      far = outside.agent('far', kind)
      await outside.trust(far)
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
    await outside.trust(far)
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
    await outside.trust(far)
    // Awaited from the start: it is cut off before the answer to the owner.
    const cutOff = expect(far.exec('git push', 30)).rejects.toThrow()
    await deck.event(({ type }) => type === 'approval.requested')
    await owner.do('agent_key.end', { id: far.keyid })
    await cutOff
    expect(await far.exec('git push')).toMatchObject({ decision: 'block' })
  })

  test('is refused while it is stopped, and known again after a restart of the deck', async () => {
    await outside.trust(far)
    await owner.do('agent.stop', { agent: 'far' })
    expect(await far.exec('ls')).toMatchObject({ decision: 'block' })
    await owner.do('agent.start', { agent: 'far' })
    await outside.restart()
    outside.clock.advance(4000)
    expect(await far.exec('ls')).toMatchObject({ decision: expect.not.stringMatching('block') })
  })

  test('asks over HTTPS too, and what it signed counts at one of its doors', async () => {
    await outside.trust(far)
    const { address } = (await owner.do('access.serve', { port: 0 })) as DoorRow
    const sent = [await far.signed('POST', '/ask', ASK), await far.signed('POST', '/ask', ASK)]
    const doors = [deck.accessSocket, address?.url ?? '']
    for (const [i, first] of doors.entries()) {
      far.place = first
      expect(await far.send(sent[i] as Signed)).toMatchObject({ status: 200 })
      far.place = doors[1 - i] ?? ''
      expect(await far.send(sent[i] as Signed)).toMatchObject(DENIED)
    }
    far.place = address?.url ?? ''
    const cutOff = expect(far.exec('git push', 30)).rejects.toThrow()
    await until('it waits', async () =>
      (await deck.deck.approvals.list('pending', 10)).some(
        ({ action }) => action.target === 'git push',
      ),
    )
    await owner.do('agent_key.end', { id: far.keyid })
    await cutOff
    expect(await far.send(await far.signed('POST', '/ask', ASK))).toMatchObject(DENIED)
    expect(deck.events().filter(({ type }) => type === 'door.refused')).toMatchObject([
      { body: { id: 'web', why: 'a wrong signature' } },
      { body: { id: 'access', why: 'a wrong signature' } },
    ])
  })

  test('takes its keys along when it is deleted', async () => {
    await outside.trust(far)
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

  test('twice, also for another agent', async () => {
    await outside.trust(far)
    await owner.do('agent.create', { template: 'coder', agent: 'near', backend: 'outside' })
    const file = far.file(deck.home.root)
    for (const agent of ['far', 'near'])
      await expect(owner.do('agent_key.add', { agent, file })).rejects.toMatchObject({
        code: 'not.possible',
        message: `this key is ${far.keyid} of far already`,
      })
    await owner.do('agent_key.end', { id: far.keyid })
    await outside.trust(far)
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
