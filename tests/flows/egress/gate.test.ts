import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR, TestDeck } from '../../support/deck.ts'
import { GateClient } from '../../support/gate-client.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const CODER = readFileSync(new URL('../../../templates/coder.yaml', import.meta.url), 'utf8')

/** A deck with the template `out`, which lets agents ask for any host. */
async function open(): Promise<{ deck: TestDeck; clock: ManualClock; gate: GateClient }> {
  const clock = new ManualClock()
  const deck = new TestDeck((act) => cleanups.push(act), clock)
  mkdirSync(deck.home.templates, { recursive: true })
  const text = CODER.replace(/^name: coder$/m, 'name: out')
    .replace(/maxAutoRisk: \d+/, 'maxAutoRisk: 60')
    .replace(/^egress:\n(?: {2}- .*\n)+/m, "egress:\n  - { host: '*' }\n")
  writeFileSync(join(deck.home.templates, 'out.yaml'), text)
  await deck.start()
  await deck.agent('a1', 'out')
  return { deck, clock, gate: new GateClient(deck.home.agent('a1').gate) }
}

/** A server on this machine that says what it was asked. */
async function web(): Promise<{ port: number; server: Server }> {
  const server = createHttpServer((request, response) => {
    if (request.url === '/endless') response.write('begin ')
    else response.end(`${request.method} ${request.url} ${request.headers.host}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

const asked = (deck: TestDeck) =>
  until('a question waits', async () => (await deck.deck.approvals.list('pending', 1))[0])

/** Lets the gate reach this machine, but asks about everything there. */
const named = (deck: TestDeck, port: number, effect: 'allow' | 'ask' = 'ask') =>
  deck.deck.egress.add({ effect, egress: { host: '127.0.0.1', port: [port] } }, OPERATOR)

describe('a pod that wants to go out', () => {
  it('asks, is allowed, and is told what came of it', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port)
    const going = gate.get(`http://127.0.0.1:${port}/hello`)
    const question = await asked(deck)
    expect(question).toMatchObject({
      agent: 'a1',
      action: { type: 'net', target: `GET http://127.0.0.1:${port}/hello` },
    })
    await deck.deck.approvals.allow(question.id, {}, OPERATOR)
    expect(await going).toMatchObject({ status: 200, text: `GET /hello 127.0.0.1:${port}` })
    const types = deck.events().map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('egress.'))).toEqual(['egress.used'])
    expect(await deck.deck.audit.verify({})).toMatchObject({ ok: true })
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true })
  })

  it('is told why not, when a person denies', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port)
    const going = gate.tunnel(`127.0.0.1:${port}`)
    const question = await asked(deck)
    expect(question.action.target).toBe(`CONNECT 127.0.0.1:${port}`)
    await deck.deck.approvals.deny(question.id, { note: 'not there' }, OPERATOR)
    const { status, text } = await going
    expect(status).toBe(403)
    expect(JSON.parse(text)).toMatchObject({
      code: 'approval.denied',
      reason: expect.stringContaining('not there') as string,
      next: expect.any(String) as string,
    })
    expect(await deck.event(({ type }) => type === 'egress.refused')).toMatchObject({
      subject: 'a1',
      body: { code: 'approval.denied', host: '127.0.0.1', port },
    })
  })

  it('asks a person once for many who want the same', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port)
    const going = Array.from({ length: 20 }, () => gate.get(`http://127.0.0.1:${port}/same`))
    const question = await asked(deck)
    await deck.deck.approvals.allow(question.id, {}, OPERATOR)
    for (const answer of await Promise.all(going)) expect(answer.status).toBe(200)
    expect(await deck.deck.approvals.list('all', 10)).toHaveLength(1)
  })

  it('uses a lease the second time, and what runs ends when it is revoked', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port)
    const target = `GET http://127.0.0.1:${port}/endless`
    const first = gate.get(`http://127.0.0.1:${port}/hello`)
    const question = await asked(deck)
    const lease = { target: `GET http://127.0.0.1:${port}/*`, uses: 5, minutes: 10 }
    await deck.deck.approvals.allow(question.id, { lease }, OPERATOR)
    expect((await first).status).toBe(200)
    expect((await gate.get(`http://127.0.0.1:${port}/again`)).status).toBe(200)
    const endless = gate.get(`http://127.0.0.1:${port}/endless`).catch((error: Error) => error)
    await until('it runs', async () =>
      (await deck.deck.egress.overview()).open.some((flow) => flow.target === target),
    )
    const [granted] = await deck.deck.leases.list('active')
    const began = performance.now()
    await deck.deck.leases.revoke(granted?.id ?? '', OPERATOR)
    expect(await endless).toBeInstanceOf(Error)
    expect(performance.now() - began).toBeLessThan(500)
    expect((await deck.deck.egress.overview()).open).toEqual([])
  })

  it('ends what a person allowed once when that is taken back', async () => {
    const { deck, gate } = await open()
    const server = createServer((socket) => socket.write('begin'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    cleanups.push(() => server.close())
    const { port } = server.address() as AddressInfo
    await named(deck, port)
    const going = gate.tunnel(`127.0.0.1:${port}`)
    const question = await asked(deck)
    await deck.deck.approvals.allow(question.id, {}, OPERATOR)
    const { socket } = await going
    if (socket === undefined) throw new Error('no tunnel')
    socket.resume()
    const ended = once(socket, 'close')
    await deck.deck.egress.revoke(question.id, OPERATOR)
    await ended
    expect(await deck.event(({ type }) => type === 'egress.ended')).toMatchObject({
      subject: 'a1',
      body: { count: 1 },
    })
  })

  it('goes where a rule allows without anybody being asked, and is counted', async () => {
    const { deck, clock, gate } = await open()
    const { port } = await web()
    await named(deck, port, 'allow')
    expect((await gate.get(`http://127.0.0.1:${port}/a`)).status).toBe(200)
    expect((await gate.get(`http://127.0.0.1:${port}/b`)).status).toBe(200)
    clock.advance(6000)
    expect(await deck.event(({ type }) => type === 'egress.sent')).toMatchObject({
      subject: 'a1',
      body: { hosts: [{ host: '127.0.0.1', port, requests: 2, refused: 0 }] },
    })
    const { hosts } = await deck.deck.egress.overview('a1')
    expect(hosts[0]?.bytesDown).toBeGreaterThan(100)
  })

  it('reaches nothing of this machine or its network that no rule names', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await deck.deck.egress.add(
      { effect: 'allow', agent: 'a1', egress: { host: '*', port: [port, 80] } },
      OPERATOR,
    )
    for (const host of [
      '127.0.0.1',
      '[::1]',
      'localhost',
      '0x7f.1',
      '2130706433',
      '[::ffff:7f00:1]',
    ]) {
      const answer = await gate.tunnel(`${host}:${port}`)
      expect(answer.status, host).toBe(403)
      expect(JSON.parse(answer.text), host).toMatchObject({ code: 'address.refused' })
    }
    const metadata = await gate.get('http://169.254.169.254/latest/meta-data')
    expect(metadata).toMatchObject({ status: 403 })
  })

  it('has no gate where the template has no egress list', async () => {
    const { deck } = await open()
    await deck.agent('r1', 'reviewer')
    await expect(new GateClient(deck.home.agent('r1').gate).get('http://a.test/')).rejects.toThrow()
  })

  it('is closed with the supervisor: flows end, and nothing is allowed while it is away', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port, 'allow')
    const endless = gate.get(`http://127.0.0.1:${port}/endless`).catch((error: Error) => error)
    await until('it runs', async () => (await deck.deck.egress.overview()).open.length === 1)
    await deck.stop()
    expect(await endless).toBeInstanceOf(Error)
    await expect(gate.get(`http://127.0.0.1:${port}/a`)).rejects.toThrow()
  })
})

describe('an agent that is frozen', () => {
  it('sends nothing any more, whatever was open or is allowed, until it is thawed', async () => {
    const { deck, gate } = await open()
    const { port } = await web()
    await named(deck, port, 'allow')
    const endless = gate.get(`http://127.0.0.1:${port}/endless`).catch((error: Error) => error)
    await until('it runs', async () => (await deck.deck.egress.overview()).open.length === 1)
    await deck.deck.freezing.freeze('a1', 'odd', OPERATOR)
    expect(await endless).toBeInstanceOf(Error)
    expect(await gate.get(`http://127.0.0.1:${port}/a`)).toMatchObject({ status: 403 })
    await deck.deck.freezing.thaw('a1', OPERATOR)
    expect(await gate.get(`http://127.0.0.1:${port}/a`)).toMatchObject({ status: 200 })
  })
})
