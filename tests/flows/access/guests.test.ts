import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLink, openPairingDoor } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { ManualClock } from '../../support/clock.ts'
import { TestDeck } from '../../support/deck.ts'
import { SigningAgent } from '../../support/signing-agent.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let deck: TestDeck
let owner: Link
beforeEach(async () => {
  clock = new ManualClock()
  deck = await new TestDeck((act) => cleanups.push(act), clock).withAccess().start()
  owner = openLink(deck.home.socket, 'cli')
})
afterEach(async () => {
  owner.close()
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const refused = { code: 'refused' }
const events = (type: string) => deck.events().filter((event) => event.type === type)
const offer = { kind: 'console', scope: 'deck' }
const key = { type: 'ed25519', spki: 'AAAA' }

/** What is answered to a request that no HTTP client would send so. */
async function raw(request: string): Promise<string> {
  const socket = connect(deck.accessSocket)
  cleanups.push(() => socket.destroy())
  socket.write(request)
  return text(socket)
}

describe('a guest at the socket', () => {
  test('fills no journal with what is refused', async () => {
    const guest = openLink(deck.accessSocket, 'cli', () => undefined)
    const stale = openLink(deck.accessSocket, 'cli', () => 'no-session')
    cleanups.push(
      () => guest.close(),
      () => stale.close(),
    )
    for (let i = 0; i < 20; i++) {
      await expect(guest.do('agent.stop', { agent: `a${i}` })).rejects.toMatchObject(refused)
      await expect(stale.do('agent.list')).rejects.toMatchObject(refused)
    }
    const path = '/v1/pair/../do/agent.list'
    expect(
      await raw(
        `POST ${path} HTTP/1.1\r\nhost: deck\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
      ),
    ).toContain('"refused"')
    const guests = { role: 'guest', times: 1 }
    expect(events('act.refused')).toMatchObject([
      { subject: '', body: { act: 'agent.stop', needs: 'operate', door: 'cli', ...guests } },
      { subject: '', body: { act: 'agent.list', needs: 'see', door: 'operator', ...guests } },
    ])
    expect(events('door.refused').map(({ body }) => body)).toEqual([
      { id: 'access', why: 'no session', times: 1 },
    ])
    clock.advance(60_000)
    await until('the others are told', () => events('door.refused').length === 2)
    expect(events('door.refused')[1]?.body).toMatchObject({ times: 19 })
    await until('the others are told', () => events('act.refused').length === 3)
    expect(events('act.refused')[2]?.body).toMatchObject({ act: 'agent.stop', times: 19 })
  })

  test('fills no journal with tokens, and locks nothing before it is offered', async () => {
    const door = openPairingDoor(deck.accessSocket)
    const guess = () =>
      door.do('present', { token: 'x'.repeat(24), person: 'eve', device: 'eve', key })
    for (let i = 0; i < 20; i++) await expect(guess()).rejects.toMatchObject(refused)
    expect(events('pairing.guessed')).toHaveLength(1)
    await owner.do('access.pair', offer)
    await expect(guess()).rejects.toMatchObject(refused)
    expect(events('pairing.guessed').map(({ body }) => body)).toEqual([{ tries: 1 }, { tries: 1 }])
    expect(events('pairing.locked')).toEqual([])
    clock.advance(60_000)
    await until('the others are told', () => events('pairing.guessed').length === 3)
    expect(events('pairing.guessed')[2]?.body).toEqual({ tries: 19 })
  })

  test('leaves its event for wrong signatures, of devices and of agents', async () => {
    const door = openPairingDoor(deck.accessSocket)
    const proof = { device: 'dev_1', nonce: 'made-up', signature: 'AAAA' }
    const far = new SigningAgent('far', deck.accessSocket)
    for (let i = 0; i < 5; i++) {
      await expect(door.do('session', proof)).rejects.toMatchObject(refused)
      expect(await far.exec('ls')).toMatchObject({ decision: 'block' })
    }
    expect(events('door.refused').map(({ body }) => body)).toEqual([
      { id: 'access', why: 'a wrong signature', times: 1 },
    ])
  })

  test('says little at a time', async () => {
    const door = openPairingDoor(deck.accessSocket)
    await expect(door.do('challenge', { device: 'x'.repeat(65 << 10) })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('larger than 64 KiB') as string,
    })
  })
})
