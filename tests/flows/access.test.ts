import { once } from 'node:events'
import { createServer } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acts } from '../../src/commands/registry.ts'
import { deckHome } from '../../src/config/home.ts'
import { openRemote } from '../../src/doors/access/remote.ts'
import { runCli } from '../../src/doors/cli/run.ts'
import { openLink, openPairingDoor } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Device, PairingOffer, PairingRow } from '../../src/domain/operators/pairing/types.ts'
import { yesTo } from '../support/confirmed.ts'
import { TestDeck } from '../support/deck.ts'
import { tempFolder } from '../support/journal.ts'
import { until } from '../support/until.ts'

const cleanups: (() => unknown)[] = []
let deck: TestDeck
let owner: Link
/** The deck home of the other person, who runs no supervisor. */
let elsewhere: string
let socket: string
beforeEach(async () => {
  deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  socket = deck.accessSocket
  elsewhere = tempFolder((act) => cleanups.push(act))
  owner = openLink(deck.home.socket, 'cli')
})
afterEach(async () => {
  owner.close()
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A command line of the other person. */
async function clawdeck(...words: string[]) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: false })
  const [stdout, stderr] = [stream(), stream()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const code = await runCli(words, {
    env: { CLAWDECK_HOME: elsewhere, CLAWDECK_REMOTE: words[0] === 'join' ? '' : 'remote' },
    cwd: '/',
    streams: { stdin: Object.assign(Readable.from([]), { isTTY: false }), stdout, stderr },
    program: {
      version: 'test',
      launch: { command: 'none', args: [] },
      openConsole: async () => undefined,
      freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
      attachWhole: async () => 0,
    },
  })
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, out, err }
}

async function offered(input: object = {}): Promise<PairingOffer> {
  return (await owner.do('access.pair', {
    kind: 'console',
    scope: 'deck',
    ...input,
  })) as PairingOffer
}

/** Has the terminal elsewhere take an offer, and somebody here confirm it. */
async function paired(input: object = {}): Promise<Device> {
  const { pairing, link } = await offered(input)
  const joined = clawdeck('join', link)
  const { presented } = await event(pairing.id)
  const confirm = { code: presented?.code }
  const device = await owner.do('access.confirm', { id: pairing.id, operator: 'ada', confirm })
  expect(await joined).toMatchObject({ code: 0 })
  return device as Device
}

async function event(id: string): Promise<PairingRow> {
  for await (const item of owner.stream('access.follow', { id }, new AbortController().signal))
    if ((item as PairingRow).state === 'presented') return item as PairingRow
  throw new Error('nobody took the offer')
}

describe('another terminal', () => {
  test('joins by a link, once somebody confirmed the code that it shows', async () => {
    const { pairing, link } = await offered({ role: 'operator' })
    const joined = clawdeck('join', link)
    const { presented } = await event(pairing.id)
    await expect(
      owner.do('access.confirm', { id: pairing.id, operator: 'ada' }),
    ).rejects.toMatchObject({
      code: 'confirmation.needed',
      confirm: [{ what: 'code', value: presented?.code }],
    })
    await owner.do('access.confirm', {
      id: pairing.id,
      operator: 'ada',
      confirm: { code: presented?.code },
    })
    const { code, out, err } = await joined
    expect({ code, err }).toEqual({
      code: 0,
      err: `The code is ${presented?.code}. Waiting until somebody confirms it on the deck…\n`,
    })
    expect(out).toMatch(/^Paired as dev_\w+\. Use that deck: CLAWDECK_REMOTE=remote clawdeck\n$/)
    expect(JSON.parse((await clawdeck('operators', 'me', '--json')).out)).toMatchObject({
      operator: 'ada',
      role: 'operator',
    })
    await deck.agent('a1')
    expect((await clawdeck('stop', 'a1')).code).toBe(0)
    expect(deck.events().findLast(({ type }) => type === 'agent.stop_requested')?.actor).toMatch(
      /^operator:ada\/cli\/dev_\w+$/,
    )
  })

  test('as a viewer is refused whatever changes something, each with its event', async () => {
    await paired({ role: 'viewer' })
    const viewer = await openRemote(deckHome({ CLAWDECK_HOME: elsewhere }), 'remote', 'cli')
    cleanups.push(() => viewer.close())
    // Whatever they say: rights come before the input.
    const inputs = [{}, { agent: 'a1' }, { ids: 7 }, 'x', null]
    const refused = [...acts.values()].filter(({ needsFirst }) => needsFirst !== 'see')
    for (const { id } of refused)
      for (const said of inputs)
        await expect(viewer.do(id, said), id).rejects.toMatchObject({ code: 'refused' })
    expect(refused.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['agent.delete', 'approval.allow', 'operator.rm', 'pack.disable']),
    )
    // What is tried again is told of later, as one.
    expect(
      deck
        .events()
        .filter(({ type, actor }) => type === 'act.refused' && /ada/.test(actor))
        .map(({ body }) => (body as { act: string }).act),
    ).toEqual(refused.map(({ id }) => id))
  })

  test('that is revoked is out at once, also in the middle of a stream', async () => {
    const device = await paired()
    const link = await openRemote(deckHome({ CLAWDECK_HOME: elsewhere }), 'remote', 'console')
    cleanups.push(() => link.close())
    let frames = 0
    const ended = (async () => {
      for await (const _ of link.world(new AbortController().signal)) frames++
    })()
    await until('it follows the deck', () => frames > 0)
    await owner.do('access.revoke', { id: device.id })
    await ended
    await expect(link.do('operator.me')).rejects.toMatchObject({ code: 'refused' })
    expect((await clawdeck('operators', 'me')).code).toBe(4)
  })

  test('goes on after the supervisor was restarted', async () => {
    await paired({ role: 'viewer' })
    await deck.stop()
    await deck.start()
    expect((await clawdeck('operators', 'me')).code).toBe(0)
  })

  test('is nobody without a session: a guest can take an offer and nothing else', async () => {
    const guest = openLink(socket, 'cli', () => undefined)
    for (const id of acts.keys())
      if (acts.get(id)?.needsFirst !== 'pair')
        await expect(guest.do(id, {}), id).rejects.toMatchObject({ code: 'refused' })
    for (const made of ['x', 'cdk_x'])
      await expect(openLink(socket, 'cli', () => made).do('operator.me')).rejects.toMatchObject({
        code: 'refused',
      })
    guest.close()
  })
})

describe('rights for some agents', () => {
  test('lend nothing to another agent', async () => {
    const [a1] = [await deck.agent('a1'), await deck.agent('b1')]
    const { key } = (await owner.do('operator.key', {
      id: 'night',
      role: 'operator',
      agents: ['a1'],
    })) as { key: string }
    const night = openLink(deck.home.socket, 'cli', () => key)
    cleanups.push(() => night.close())
    const { id } = await a1.exec('npm install left-pad')
    const yes = yesTo(await deck.deck.approvals.get(id))
    const terms = { uses: 9, minutes: 60, target: 'npm *' }
    for (const agent of ['b1', '*'])
      await expect(
        night.do('approval.allow', { ...yes, lease: { ...terms, agent } }),
      ).rejects.toMatchObject({ code: 'refused' })
    await night.do('approval.allow', { ...yes, lease: { ...terms, agent: 'a1' } })
    expect(await deck.deck.leases.list('active')).toMatchObject([{ agent: 'a1' }])
  })
})

describe('the socket for others', () => {
  test('is never taken from another program', async () => {
    await deck.stop()
    const other = createServer().listen(socket)
    await once(other, 'listening')
    await expect(deck.start()).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('another program listens there') as string,
    })
    expect(other.listening).toBe(true)
    await new Promise((closed) => {
      other.close(closed)
    })
    await deck.start()
  })
})

describe('a session', () => {
  test('is opened by no signature of another device, challenge or deck', async () => {
    const device = await paired()
    const door = openPairingDoor(socket)
    const { nonce } = (await door.do('challenge', { device: device.id })) as { nonce: string }
    const signature = Buffer.alloc(64).toString('base64')
    for (const [of, by] of [
      [device.id, nonce],
      [device.id, 'made-up'],
      ['dev_unknown', nonce],
    ])
      await expect(door.do('session', { device: of, nonce: by, signature })).rejects.toMatchObject({
        code: 'refused',
      })
  })

  test('takes nothing that is malformed or too long', async () => {
    const door = openPairingDoor(socket)
    for (const [word, input] of [
      ['present', {}],
      ['present', { token: 'x'.repeat(1000), person: 'a', device: 'b', key: {} }],
      ['present', { token: 'x', person: 'a'.repeat(4 << 20), device: 'b', key: {} }],
      ['challenge', { device: 7 }],
      ['session', { device: 'dev_1', nonce: [], signature: '' }],
    ] as const)
      await expect(door.do(word, input), word).rejects.toMatchObject({ code: 'input.invalid' })
    // Whoever says an act by its name gets no further.
    const guest = openLink(socket, 'cli', () => undefined)
    cleanups.push(() => guest.close())
    for (const input of [{}, { token: 7 }, { token: 'x', person: {}, device: 'b', key: null }])
      await expect(guest.do('access.present', input)).rejects.toMatchObject({
        code: 'input.invalid',
      })
    await expect(door.do('nothing', {})).rejects.toMatchObject({ code: 'usage' })
  })
})
