import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { GATE_PORT, type PodSpec } from '../../../src/ports/pods.ts'
import { OPERATOR, TestDeck } from '../../support/deck.ts'
import { describeEngines, sh, up } from '../../support/podman.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const CODER = readFileSync(new URL('../../../templates/coder.yaml', import.meta.url), 'utf8')

/** Programs in a pod reach 127.0.0.1 themselves; this is another address of this machine. */
const HOST = '127.0.0.2'

async function web(): Promise<number> {
  const server = createHttpServer((request, response) => {
    response.write(`seen ${request.url}\n`)
    if (request.url !== '/endless') response.end()
  })
  await once(server.listen(0, HOST), 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function openTestDeck(
  port: number,
): Promise<{ deck: TestDeck; env: Record<string, string> }> {
  const deck = new TestDeck((act) => cleanups.push(act))
  mkdirSync(deck.home.templates, { recursive: true })
  const text = CODER.replace(/^name: coder$/m, 'name: out')
    .replace(/maxAutoRisk: \d+/, 'maxAutoRisk: 60')
    .replace(/^egress:\n(?: {2}- .*\n)+/m, "egress:\n  - { host: '*' }\n")
  writeFileSync(join(deck.home.templates, 'out.yaml'), text)
  await deck.start()
  await deck.agent('a1', 'out')
  await deck.deck.egress.add({ effect: 'ask', egress: { host: HOST, port: [port] } }, OPERATOR)
  const { spec } = await deck.deck.agents.inspect('a1')
  return { deck, env: (spec as PodSpec).env }
}

describeEngines(
  'a pod goes out through its gate',
  (engine) => {
    it('asks, is let through, a second time by a lease, and is cut off when that is revoked', async () => {
      const port = await web()
      const { deck, env } = await openTestDeck(port)
      await up(engine(), 'out', { env })
      const { doors } = engine().backend
      const place = { port: GATE_PORT, socketPath: `${engine().run}/gate.sock` }
      const door = await doors.open('out', place, (socket) => {
        const gate = connect({ path: deck.home.agent('a1').gate, allowHalfOpen: true })
        for (const one of [socket, gate]) one.on('error', () => one.destroy())
        socket.once('close', () => gate.destroy())
        gate.once('close', () => socket.destroy())
        socket.pipe(gate).pipe(socket)
      })
      cleanups.push(() => door.close())
      const inPod = (line: string) => sh(engine().backend, 'out', line)

      // Nothing is reached but through the gate.
      const direct = 'unset http_proxy HTTP_PROXY; wget -qO- '
      expect((await inPod(`${direct} http://${HOST}:${port}/`)).exitCode).not.toBe(0)
      expect((await inPod(`${direct} http://169.254.169.254/`)).exitCode).not.toBe(0)
      expect((await inPod('wget -qO- http://169.254.169.254/')).text).toContain('403')

      const first = inPod(`wget -qO- http://${HOST}:${port}/one`)
      const question = await until(
        'a question waits',
        async () => (await deck.deck.approvals.list('pending', 1))[0],
      )
      expect(question.action.target).toBe(`GET http://${HOST}:${port}/one`)
      const lease = { target: `*${HOST}:${port}*`, uses: 20, minutes: 10 }
      await deck.deck.approvals.allow(question.id, { lease }, OPERATOR)
      expect(await first).toMatchObject({ text: 'seen /one\n', exitCode: 0 })
      const second = await inPod(`wget -qO- http://${HOST}:${port}/two`)
      expect(second).toMatchObject({ text: 'seen /two\n', exitCode: 0 })

      const third = inPod(`wget -qO- http://${HOST}:${port}/endless; echo ended $?`)
      await until('it runs', async () => (await deck.deck.egress.overview()).open[0])
      const [granted] = await deck.deck.leases.list('active')
      await deck.deck.leases.revoke(granted?.id ?? '', OPERATOR)
      expect((await third).text).toMatch(/ended [1-9]/)
      expect(await deck.deck.approvals.list('all', 10)).toHaveLength(1)

      // Node opens a tunnel, also for what is plain.
      const fetching = `console.log(await (await fetch('http://${HOST}:${port}/three')).text())`
      const fourth = inPod(`node --input-type=module -e "${fetching}"`)
      const next = await until(
        'a question waits',
        async () => (await deck.deck.approvals.list('pending', 1))[0],
      )
      expect(next.action.target).toBe(`CONNECT ${HOST}:${port}`)
      await deck.deck.approvals.allow(next.id, {}, OPERATOR)
      expect((await fourth).text).toContain('seen /three')
    })
  },
  ['rootless'],
)
