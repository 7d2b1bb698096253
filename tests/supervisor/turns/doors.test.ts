import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { guardDoor } from '../../../src/doors/guard/guard-door.ts'
import { Turns } from '../../../src/supervisor/turns/turns.ts'
import { MemoryGuard } from '../../support/memory-guard.ts'
import { until } from '../../support/until.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

it('an agent with costly questions has one judged, then others come first', async () => {
  let now = 0
  let arrived = 0
  const due: (() => void)[] = []
  const turns = new Turns({ now: () => now, later: (work) => due.push(work) })
  const guard = new MemoryGuard()
  const judge = guard.ask.bind(guard)
  guard.ask = (agent, question) => {
    now += agent === 'costly' ? 100 : 1
    return judge(agent, question)
  }
  const ask = await Promise.all(['costly', 'scout', 'coder'].map((agent) => openDoor(agent)))
  const answers = [
    ...Array.from({ length: 15 }, () => ask[0]?.()),
    ...[1, 2].flatMap(() => [ask[1]?.(), ask[2]?.()]),
  ]
  await until('all of them wait', () => arrived === answers.length)
  for (let work = due.shift(); work !== undefined; work = due.shift()) {
    work()
    await new Promise(setImmediate)
  }
  expect(await Promise.all(answers)).toEqual(answers.map(() => 200))
  const order = guard.asked.map(({ agent }) => agent)
  expect(order.slice(0, 5).toSorted()).toEqual(['coder', 'coder', 'costly', 'scout', 'scout'])
  expect(order.slice(5)).toEqual(Array(14).fill('costly'))

  /** Opens a door, and returns how to ask at it; the answer is the status. */
  async function openDoor(agent: string): Promise<() => Promise<number | undefined>> {
    const { server } = guardDoor(guard, agent, {
      inTurn(work, bytes) {
        arrived++
        return turns.take(agent, work, bytes)
      },
    })
    servers.push(server)
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    return () =>
      new Promise((resolve, reject) => {
        request({ port, method: 'POST', path: '/v1/ask' }, (response) => {
          resolve(response.resume().statusCode)
        })
          .on('error', reject)
          .end('{"type":"net","target":"x"}')
      })
  }
})
