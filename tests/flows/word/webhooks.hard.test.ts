import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Delivery } from '../../../src/domain/webhooks/types.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../../support/deck.ts'
import { Receiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let deck: TestDeck
let a1: TestAgent
let receiver: Receiver
beforeEach(async () => {
  clock = new ManualClock()
  receiver = await Receiver.open((act) => cleanups.push(act))
  deck = await new TestDeck((act) => cleanups.push(act), clock)
    .withSettings('webhooks: { allowPrivate: [127.0.0.1] }')
    .start()
  a1 = await deck.agent('a1')
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const add = (terms: object = {}) =>
  deck.deck.webhooks.add(
    { id: 'ops', url: receiver.url, events: ['approval.*'], agents: null, ...terms },
    OPERATOR,
  )
const deliveries = (state: Delivery['state'] | 'all' = 'all') =>
  deck.deck.webhooks.deliveries('ops', state, 1000)
const refused = (response: { writeHead(status: number): { end(): unknown } }, status: number) =>
  void response.writeHead(status).end()

/** Moves time on until so many messages have come. */
async function advanceUntil(count: number, ms = 1000): Promise<void> {
  await until(`${count} attempts`, () => {
    clock.advance(ms)
    return receiver.received.length >= count
  })
}

describe('a webhook', () => {
  test('hears of what it asked for from now on, signed by the secret that was shown once', async () => {
    await a1.exec('git push origin main')
    const { secret } = await add()
    const { id } = await a1.exec('git push origin next')
    await deck.deck.approvals.deny(id, { note: 'not now' }, OPERATOR)
    const [asked, decided] = await receiver.got(2)
    expect(asked?.json).toMatchObject({
      deck: expect.stringMatching(/^ed25519:/),
      event: {
        type: 'approval.requested',
        subject: 'a1',
        body: { id, action: { type: 'exec', target: 'git push origin next' } },
      },
    })
    expect(decided?.json.event).toMatchObject({
      type: 'approval.decided',
      body: { id, state: 'denied', note: 'not now' },
    })
    const { headers, text } = asked as NonNullable<typeof asked>
    const [, t, v1] = /^t=(\d+),v1=(\w{64})$/.exec(String(headers['clawdeck-signature'])) ?? []
    expect(Number(t)).toBe(Math.floor(clock.now() / 1000))
    expect(createHmac('sha256', secret).update(`${t}.${text}`).digest('hex')).toBe(v1)
    expect(headers['clawdeck-delivery']).toBe(asked?.json.delivery)
    expect(headers['clawdeck-event']).toBe('approval.requested')
    await until('both are noted', async () => (await deliveries('delivered')).length === 2)
  })

  test('keeps its secret and its address out of the journal, of lists, and from others', async () => {
    const { secret } = await add({ url: `${receiver.url}?key=hidden` })
    expect(JSON.stringify([deck.events(), await deck.deck.webhooks.list()])).not.toMatch(
      new RegExp(`${secret}|hidden`),
    )
    const folder = join(deck.home.secrets, 'webhooks')
    const [file, ...others] = readdirSync(folder)
    expect(others).toEqual([])
    expect(statSync(join(folder, file ?? '')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, file ?? ''), 'utf8')).toContain(secret)
    expect(statSync(deck.home.deliveries).mode & 0o777).toBe(0o600)
    await deck.deck.webhooks.remove('ops', OPERATOR)
    expect(readdirSync(folder)).toEqual([])
  })

  test('may be limited to some agents', async () => {
    await add({ agents: ['a1'] })
    const a2 = await deck.agent('a2')
    await a2.exec('git push origin main')
    await a1.exec('git push origin main')
    const [only] = await receiver.got(1)
    expect(only?.json.event).toMatchObject({ subject: 'a1' })
    expect(await deliveries()).toHaveLength(1)
  })

  test('is refused for private addresses, other names and a name that is taken', async () => {
    await expect(add({ url: 'http://127.0.0.2/' })).rejects.toMatchObject({
      code: 'refused',
      hint: expect.stringContaining('webhooks.allowPrivate'),
    })
    await expect(add({ url: 'https://169.254.169.254/' })).rejects.toMatchObject({
      code: 'refused',
    })
    await expect(add({ url: 'ftp://example.com/' })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await add()
    await expect(add()).rejects.toMatchObject({ code: 'name.taken' })
    expect(await deck.deck.webhooks.list()).toHaveLength(1)
  })

  test('can be tested, and says what is wrong', async () => {
    await add()
    expect(await deck.deck.webhooks.test('ops')).toMatchObject({ status: 200 })
    expect(receiver.received[0]?.json.event.type).toBe('webhook.test')
    receiver.behaviour = (_request, response) =>
      void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    await expect(deck.deck.webhooks.test('ops')).rejects.toMatchObject({
      message: 'it answered 302',
      hint: expect.stringContaining('redirects are not followed'),
    })
  })
})

describe('when nothing arrives', () => {
  test('it is tried again with growing pauses, by the same id, until it does', async () => {
    receiver.behaviour = (_request, response) => refused(response, 500)
    await add()
    await a1.exec('git push origin main')
    await receiver.got(1)
    await advanceUntil(4)
    const waiting = await until('it is said to fail', async () => {
      const [hook] = await deck.deck.webhooks.list()
      return hook?.failingSince !== null && hook
    })
    expect(waiting.why).toBe('it answered 500')
    receiver.behaviour = (_request, response) => void response.end()
    await until('it arrives', async () => {
      clock.advance(60_000)
      return (await deliveries('delivered')).length === 1
    })
    expect(new Set(receiver.received.map(({ json }) => json.delivery)).size).toBe(1)
    const all = await deliveries()
    expect(all[0]).toMatchObject({ state: 'delivered', status: 200 })
    await deck.event(({ type }) => type === 'webhook.recovered')
    expect((await deck.deck.webhooks.list())[0]).toMatchObject({ failingSince: null, why: '' })
  })

  test('it is given up after hours, kept, and sent again by hand', async () => {
    receiver.behaviour = (_request, response) => refused(response, 503)
    await add({ events: ['operator.added'] })
    await deck.deck.operators.add('ada', { role: 'viewer', agents: null }, OPERATOR)
    await until('it is given up', async () => {
      clock.advance(15 * 60_000)
      return (await deliveries('dead')).length === 1
    })
    const event = await deck.event(({ type }) => type === 'webhook.dead_lettered')
    expect(event.body).toMatchObject({ id: 'ops', attempts: 20, why: 'it answered 503' })
    await until('its row says so', async () => (await deck.deck.webhooks.list())[0]?.dead === 1)
    receiver.behaviour = (_request, response) => void response.end()
    receiver.received.length = 0
    expect(await deck.deck.webhooks.replay('ops', undefined, OPERATOR)).toEqual({ replayed: 1 })
    const [again] = await receiver.got(1)
    expect(again?.json.delivery).toBe((event.body as { delivery: string }).delivery)
    expect((await deck.deck.webhooks.list())[0]?.dead).toBe(0)
    await deck.deck.webhooks.replay('ops', again?.json.delivery, OPERATOR)
    await receiver.got(2)
    await expect(deck.deck.webhooks.replay('ops', 'nope', OPERATOR)).rejects.toMatchObject({
      code: 'not.found',
    })
  })

  test('one that hangs holds neither the others nor the deck, and waits within bounds', async () => {
    const good = await Receiver.open((act) => cleanups.push(act))
    receiver.behaviour = () => undefined
    await add({ id: 'hangs', events: ['*'] })
    await add({ url: good.url, events: ['operator.*'] })
    for (let i = 0; i < 300; i++)
      await deck.deck.operators.add(`p${i}`, { role: 'viewer', agents: null }, OPERATOR)
    expect((await good.got(300)).map(({ json }) => json.event.body['id'])).toContain('p299')
    const { id } = await a1.exec('git push origin main')
    expect((await deck.deck.approvals.deny(id, {}, OPERATOR)).state).toBe('denied')
    expect(receiver.received.length).toBeLessThanOrEqual(4)
    const waiting = await deck.deck.webhooks.deliveries('hangs', 'waiting', 10_000)
    expect(waiting.length).toBeLessThan(300)
  })

  test('what there was no room for comes from the journal, each once and none left out', async () => {
    receiver.behaviour = (_request, response) => refused(response, 500)
    await add({ events: ['operator.added'] })
    const names = Array.from({ length: 600 }, (_, i) => `p${i}`)
    await Promise.all(
      names.map((id) => deck.deck.operators.add(id, { role: 'viewer', agents: null }, OPERATOR)),
    )
    receiver.behaviour = (_request, response) => void response.end()
    receiver.received.length = 0
    await until('all have arrived', () => {
      clock.advance(1000)
      return receiver.received.length >= names.length
    })
    const came = receiver.received.map(({ json }) => String(json.event.body['id']))
    expect(came.toSorted()).toEqual(names.toSorted())
  })
})

describe('after a restart', () => {
  test('it goes on where it was, with what happened meanwhile', async () => {
    receiver.behaviour = (_request, response) => refused(response, 500)
    await add()
    const { id } = await a1.exec('git push origin main')
    await receiver.got(1)
    await deck.crash()
    receiver.behaviour = (_request, response) => void response.end()
    receiver.received.length = 0
    clock.advance(1000)
    await deck.start()
    const [asked] = await receiver.got(1, 'approval.requested')
    expect(asked?.json.event.body['id']).toBe(id)
    await deck.stop()
    await deck.start()
    expect(
      receiver.received.filter(({ json }) => json.event.type === 'approval.requested'),
    ).toEqual([asked])
  })

  test('without the file of deliveries, it sends again by the same ids', async () => {
    await add()
    await a1.exec('git push origin main')
    const [before] = await receiver.got(1)
    await deck.crash(() => {
      for (const part of ['', '-wal', '-shm'])
        rmSync(`${deck.home.deliveries}${part}`, { force: true })
    })
    await deck.start()
    const [, again] = await receiver.got(2)
    expect(again?.json).toEqual(before?.json)
  })

  test('with a damaged file of deliveries, the deck starts and it begins anew', async () => {
    await add()
    await a1.exec('git push origin main')
    await receiver.got(1)
    await deck.crash(() => {
      for (const part of ['-wal', '-shm']) rmSync(`${deck.home.deliveries}${part}`, { force: true })
      writeFileSync(deck.home.deliveries, 'x'.repeat(8192))
    })
    await deck.start()
    await receiver.got(2)
    expect(deck.log.join('\n')).toMatch(/deliveries\.db is damaged and begins anew/)
  })

  test('an event whose number came again in a cut journal is another one', async () => {
    await add({ events: ['operator.added'] })
    const person = (id: string) =>
      deck.deck.operators.add(id, { role: 'viewer', agents: null }, OPERATOR)
    await person('ada')
    await receiver.got(1)
    const added = deck.events().findLast(({ type }) => type === 'operator.added')
    deck.running.composed.record.store.pragma('wal_checkpoint(TRUNCATE)')
    await deck.crash(() => {
      const cut = new Database(deck.home.database)
      cut.exec('DROP TRIGGER event_is_never_deleted')
      cut.prepare('DELETE FROM event WHERE seq >= ?').run(added?.seq)
      cut.close()
    })
    await deck.start()
    await person('bob')
    const came = await receiver.got(2, 'operator.added')
    expect(came.map(({ json }) => json.event.body['id'])).toContain('bob')
    expect(new Set(came.map(({ json }) => json.delivery)).size).toBe(came.length)
  })

  test('without its secret it says so, and signs nothing', async () => {
    await add()
    rmSync(join(deck.home.secrets, 'webhooks'), { recursive: true })
    await a1.exec('git push origin main')
    const [waiting] = await until('it was tried', async () => {
      const all = await deliveries()
      return all[0]?.attempts === 1 && all
    })
    expect(waiting?.why).toMatch(/secret are missing/)
    expect(receiver.received).toEqual([])
  })
})
