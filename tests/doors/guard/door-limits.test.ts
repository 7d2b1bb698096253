import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { DOOR_LIMITS } from '../../../src/doors/guard/door-limits.ts'
import { guardDoor } from '../../../src/doors/guard/guard-door.ts'
import { DoorFixture } from '../../support/guard-door.ts'
import { until } from '../../support/until.ts'

const door = new DoorFixture()

it('accepts sockets from another server, up to its limit', async () => {
  const handed = guardDoor(door.guard, 'hermit').server
  const front = createServer((socket: Socket) => handed.emit('connection', socket))
  await new Promise<void>((resolve) => {
    front.listen(0, '127.0.0.1', resolve)
  })
  door.port = (front.address() as AddressInfo).port
  const open = await Promise.all(
    Array.from(
      { length: DOOR_LIMITS.connections },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(door.port, '127.0.0.1', () => resolve(socket))
        }),
    ),
  )
  expect(await door.raw('')).toMatch(/503 [^]*has 128 open connections/)
  const closed = new Promise((resolve) => {
    open[0]?.once('close', resolve)
  })
  open[0]?.end()
  await closed
  expect((await door.send('GET', '/v1/whoami')).json).toMatchObject({ agent: 'hermit' })
  const all = Promise.all(
    open.slice(1).map(
      (socket) =>
        new Promise((resolve) => {
          socket.once('close', resolve)
        }),
    ),
  )
  handed.closeAllConnections()
  await all
  await new Promise((resolve) => {
    front.close(resolve)
  })
})

describe('an agent that overloads the door', () => {
  it('is refused connections beyond the limit, which are closed', async () => {
    await door.reopen({ connections: 2, headMs: 3_600_000 })
    const accepted: Socket[] = []
    door.server.on('connection', (socket: Socket) => {
      accepted.push(socket)
    })
    const held = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(door.port, '127.0.0.1', () => resolve(socket))
          }),
      ),
    )
    await until('both are accepted', () => accepted.length === 2)
    const beyond = Array.from({ length: 40 }, () =>
      connect({ port: door.port, host: '127.0.0.1', allowHalfOpen: true })
        .pause()
        .on('error', () => undefined),
    )
    await until(
      'the others are closed again',
      () => accepted.length === 42 && accepted.slice(2).every((socket) => socket.destroyed),
    )
    expect(accepted.slice(0, 2).map((socket) => socket.destroyed)).toEqual([false, false])
    expect(door.guard.refusals[0]).toEqual({
      agent: 'scout',
      reason: 'this agent has 2 open connections already',
      what: 'connections',
    })
    for (const socket of [...held, ...beyond]) socket.destroy()
  })

  it.each([
    ['no head', ''],
    ['half a head', 'GET /v1/whoami HTTP/1.1\r\nx: '],
    ['half a body', 'POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'],
    ['a head and no body', 'POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n'],
    ['half a head after an answer', 'GET /v1/whoami HTTP/1.1\r\nhost: x\r\n\r\nGET /v1/wh'],
  ])('is disconnected after %s, even if it slowly sends more', async (_, text) => {
    await door.reopen({ headMs: 40, bodyMs: 40, idleMs: 200, sweepMs: 10 })
    const socket = connect(door.port, '127.0.0.1', () => socket.write(text))
    const trickle = setInterval(() => socket.write(text === '' ? '' : 'z'), 15)
    await new Promise((resolve) => {
      socket
        .on('error', () => undefined)
        .on('close', resolve)
        .resume()
    })
    clearInterval(trickle)
    expect(door.guard.asked).toEqual([])
  })

  it('loses all connections for a while when it sends many requests in one packet', async () => {
    await door.reopen({ penaltyMs: 3_600_000 })
    const idle = connect(door.port, '127.0.0.1').resume()
    const closed = new Promise((resolve) => {
      idle.once('close', resolve)
    })
    const request = 'GET /v1/whoami HTTP/1.1\r\nhost: x\r\n\r\n'
    expect(await door.raw(request.repeat(1000))).not.toContain('scout')
    await closed
    expect(await door.raw(request)).toBe('')
    await door.reopen({})
    const few = door.raw(request.repeat(9) + request.replace('host', 'connection: close\r\nhost'))
    expect((await few).match(/"agent":"scout"/g)?.length).toBe(10)
  })

  it('must wait when it writes too much to the journal', async () => {
    await door.reopen({ journalBytes: { burst: 3000, perSecond: 1 } })
    const question = { type: 'net', target: 'x'.repeat(2500) }
    expect(await door.ask(question)).toMatchObject({ status: 200, json: { decision: 'allow' } })
    const busy = await door.ask(question)
    expect(busy).toMatchObject({ status: 429, json: { decision: 'block', pending: false } })
    expect(busy.json.error?.message).toMatch(/writes too much/)
    expect((await door.send('POST', '/v1/exec', 'ls\0')).text).toMatch(
      /^busy \d+\nwhy this agent writes too much/,
    )
    expect(await door.send('POST', '/v1/asks/act_1/outcome', '{"result":"success"}')).toMatchObject(
      {
        status: 429,
      },
    )
    expect(await door.send('GET', '/v1/asks/act_1')).toMatchObject({
      status: 200,
      json: { decision: 'allow' },
    })
    expect(door.guard.asked.length).toBe(1)
    expect(door.guard.refusals[0]).toMatchObject({ agent: 'scout', what: 'questions' })
  })

  it('must wait when it sends too many requests', async () => {
    await door.reopen({ requests: { burst: 0.5, perSecond: 0.0001 } })
    expect(await door.send('GET', '/v1/whoami')).toMatchObject({ status: 200 })
    expect(await door.send('GET', '/v1/whoami')).toMatchObject({
      status: 429,
      json: { decision: 'block' },
    })
  })

  it('is denied with a reason when too many of its questions wait for their turn', async () => {
    await door.reopen({}, () => undefined)
    const busy = await door.ask({ type: 'net', target: 'x' })
    expect(busy).toMatchObject({ status: 429, json: { decision: 'block', pending: false } })
    expect(busy.json.error?.message).toMatch(/wait for their turn already/)
    const busyText = /^busy 1\nwhy too many questions/
    expect((await door.send('POST', '/v1/exec', 'ls\0')).text).toMatch(busyText)
    expect((await door.send('GET', '/v1/exec/act_1')).text).toMatch(busyText)
    expect(await door.send('GET', '/v1/whoami')).toMatchObject({ status: 429 })
    expect(door.guard.asked).toEqual([])
    expect(door.guard.refusals[0]).toMatchObject({ agent: 'scout', what: 'questions' })
  })

  it('has nothing judged that it does not wait for any more', async () => {
    const works: (() => Promise<unknown>)[] = []
    await door.reopen({}, (work) => {
      works.push(work)
      return new Promise(() => undefined)
    })
    const gone = new AbortController()
    const asked = door.send('POST', '/v1/ask', '{"type":"net","target":"x"}', gone.signal)
    await until('its turn is awaited', () => works.length === 1)
    gone.abort()
    await expect(asked).rejects.toThrow()
    await until('it is gone', async () => {
      const connections = await new Promise((resolve) => {
        door.server.getConnections((_error, count) => resolve(count))
      })
      return connections === 0
    })
    await expect(works[0]?.()).rejects.toThrow('disconnected')
    expect(door.guard.asked).toEqual([])
  })
})
