import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import { ManualClock } from '../../support/clock.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { Phone } from '../../support/phone.ts'
import { until } from '../../support/until.ts'

const DAY = 86_400_000
/** Connections that one address may hold. */
const MOST = 64

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let page: PageDeck
beforeEach(async () => {
  clock = new ManualClock()
  page = await PageDeck.open((act) => cleanups.push(act), clock)
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A connection to the page, and whether it was let in. */
async function connected(localAddress: string): Promise<{ socket: TLSSocket; isIn: boolean }> {
  const { host, port } = page.door.address?.place ?? { host: '', port: 0 }
  const raw = connectPlain({ host, port, localAddress }).on('error', () => undefined)
  const socket = connect({ socket: raw, rejectUnauthorized: false })
  cleanups.push(() => socket.destroy())
  const isIn = await once(socket, 'secureConnect').then(
    () => true,
    () => false,
  )
  return { socket, isIn }
}

async function fingerprint(): Promise<string> {
  const { socket } = await connected('127.0.0.1')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

test('one address holds so many connections, and takes none of others', async () => {
  const held = await Promise.all(Array.from({ length: MOST }, () => connected('127.0.0.2')))
  expect(held.every(({ isIn }) => isIn)).toBe(true)
  for (let i = 0; i < 10; i++) expect((await connected('127.0.0.2')).isIn).toBe(false)
  expect((await connected('127.0.0.3')).isIn).toBe(true)
  held[0]?.socket.destroy()
  await until('there is room again', async () => (await connected('127.0.0.2')).isIn)
  const refusals = () => page.deck.events().filter(({ type }) => type === 'door.refused')
  expect(refusals().map(({ body }) => body)).toEqual([
    { id: 'web', why: 'too many connections', times: 1 },
  ])
})

test('a certificate is made anew while the page is served, before it ends', async () => {
  const before = page.door.address
  expect(await fingerprint()).toBe(before?.fingerprint)
  const phone = await page.phone()
  const frames = phone.follow()
  await frames.next()
  clock.advance(300 * DAY)
  expect(await fingerprint()).toBe(before?.fingerprint)
  clock.advance(40 * DAY)
  await until('it is renewed', async () => (await fingerprint()) !== before?.fingerprint)
  const [door] = (await page.owner.do('access.doors')) as DoorRow[]
  expect(door?.address).toMatchObject({ url: before?.url, fingerprint: await fingerprint() })
  expect(door?.address?.validUntil).toBeGreaterThan(clock.now() + 365 * DAY)
  // Who is connected stays so, and links lead to the new one.
  const next = frames.next()
  await page.deck.agent('a1')
  expect((await next).value).toMatchObject({ kind: expect.not.stringMatching('end') as string })
  const { link } = await page.offered()
  expect(link).toContain(`.${door?.address?.fingerprint.slice(0, 20)}`)
  await (await Phone.at(door as DoorRow)).present(link)
})
