import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GateBench } from '../support/gate-bench.ts'
import { until } from '../support/until.ts'

const bench = new GateBench()
beforeAll(() => bench.open())
afterAll(() => bench.close())

const web = () => `web.test:${bench.webPort}`
const get = (path = '/', headers = '') =>
  `GET http://${web()}${path} HTTP/1.1\r\nHost: ${web()}\r\n${headers}Connection: close\r\n\r\n`

describe('a gate refuses what two readers could read in two ways', () => {
  const cases: [name: string, bytes: () => string, status: number][] = [
    [
      'both lengths',
      () => post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      400,
    ],
    ['two lengths', () => post('Content-Length: 4\r\nContent-Length: 5\r\n', 'body'), 400],
    ['lengths in one line', () => post('Content-Length: 4, 4\r\n', 'body'), 400],
    ['a length that is no number', () => post('Content-Length: +4\r\n', 'body'), 400],
    ['chunked, but not last', () => post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), 400],
    ['chunked, spelled oddly', () => post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400],
    ['a space before the colon', () => post('Content-Length : 4\r\n', 'body'), 400],
    ['a folded header', () => get('/', 'X-A: b\r\n  folded\r\n'), 400],
    ['a line end alone', () => get('/', 'X-A: b\nX-B: c\r\n'), 400],
    ['a carriage return in a header', () => get('/', 'X-A: b\rX-B: c\r\n'), 400],
    ['a NUL in a header', () => get('/', 'X-A: b\0\r\n'), 400],
    [
      'a bad chunk size',
      () => post('Transfer-Encoding: chunked\r\n', 'zz\r\nbody\r\n0\r\n\r\n'),
      400,
    ],
    [
      'two hosts',
      () => `GET http://${web()}/ HTTP/1.1\r\nHost: ${web()}\r\nHost: b.test\r\n\r\n`,
      403,
    ],
    ['another host', () => `GET http://${web()}/ HTTP/1.1\r\nHost: b.test\r\n\r\n`, 403],
    ['another port', () => `GET http://${web()}/ HTTP/1.1\r\nHost: web.test:1\r\n\r\n`, 403],
    ['no host', () => `GET http://${web()}/ HTTP/1.1\r\n\r\n`, 403],
    ['only a path', () => `GET / HTTP/1.1\r\nHost: ${web()}\r\n\r\n`, 400],
    ['a star', () => `OPTIONS * HTTP/1.1\r\nHost: ${web()}\r\n\r\n`, 400],
    ['an authority for a GET', () => `GET ${web()} HTTP/1.1\r\nHost: ${web()}\r\n\r\n`, 400],
    ['a whole address for CONNECT', () => connectTo(`http://${web()}/`), 400],
    ['CONNECT to a path', () => connectTo('/'), 400],
    ['CONNECT without a port', () => connectTo('web.test'), 400],
    ['CONNECT to an odd port', () => connectTo('web.test:080'), 400],
    ['CONNECT to a port that is none', () => connectTo('web.test:99999'), 400],
    ['a user in CONNECT', () => connectTo(`me@${web()}`), 400],
    [
      'a user in the address',
      () => `GET http://me:pw@${web()}/ HTTP/1.1\r\nHost: ${web()}\r\n\r\n`,
      400,
    ],
    ['CONNECT with another Host', () => connectTo(web(), 'b.test:443'), 403],
    [
      'https without a tunnel',
      () => `GET https://${web()}/ HTTP/1.1\r\nHost: ${web()}\r\n\r\n`,
      400,
    ],
    ['ftp', () => `GET ftp://${web()}/ HTTP/1.1\r\nHost: ${web()}\r\n\r\n`, 400],
    ['a backslash', () => `GET http://${web()}\\@b.test/ HTTP/1.1\r\nHost: ${web()}\r\n\r\n`, 400],
    ['HTTP of no version', () => `GET http://${web()}/\r\n\r\n`, 403],
    ['HTTP/2 itself', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['TLS to the gate itself', () => '\x16\x03\x01\x00\x05hello', 400],
    ['too much of a header', () => get('/', `X-A: ${'a'.repeat(20_000)}\r\n`), 400],
    ['too long an address', () => get(`/${'a'.repeat(9000)}`), 400],
    ['a name without an address', () => connectTo('none.test:80'), 502],
    ['an address of this network', () => connectTo('[::1]:80'), 403],
    ['a port where nobody listens', () => connectTo('web.test:1'), 502],
  ]
  const post = (headers: string, body: string) =>
    `POST http://${web()}/ HTTP/1.1\r\nHost: ${web()}\r\n${headers}\r\n${body}`
  const connectTo = (authority: string, host = authority) =>
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

  it.each(cases)('%s', async (_name, bytes, status) => {
    bench.clear()
    const text = await bench.send(bytes())
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
      code: expect.any(String) as string,
      reason: expect.any(String) as string,
      next: expect.any(String) as string,
    })
    expect(bench.arrived).toEqual([])
    expect(bench.refusals).toHaveLength(1)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('sends no second request on that was hidden in a first', async () => {
    bench.clear()
    const hidden = `GET /hidden HTTP/1.1\r\nHost: ${web()}\r\n\r\n`
    const text = await bench.send(
      post(`Content-Length: ${hidden.length}\r\nConnection: close\r\n`, hidden),
    )
    expect(text).toContain('seen POST /')
    expect(bench.arrived).toMatchObject([{ method: 'POST', body: hidden }])
  })

  it('sends on what it judged: a path without ways to the parent', async () => {
    bench.clear()
    await bench.send(get('/a/%2e%2e/b/./c?x=../d'))
    expect(bench.decided).toEqual([`GET http://${web()}/b/c?x=../d`])
    expect(bench.arrived).toMatchObject([{ url: '/b/c?x=../d', host: web() }])
  })

  it('keeps headers of the connection to itself', async () => {
    bench.clear()
    const text = await bench.send(
      get('/', 'Proxy-Authorization: secret\r\nConnection: x-a\r\nX-A: b\r\n'),
    )
    expect(text).toContain('seen GET /')
  })
})

describe('a gate is not held up', () => {
  it('by a head that comes slowly', async () => {
    bench.clear()
    const began = performance.now()
    await bench.send('GET http://web.test/ HTTP/1.1\r\nHost: web')
    expect(performance.now() - began).toBeLessThan(5000)
    expect(bench.arrived).toEqual([])
  })

  it('by a beginning of TLS that stays one', async () => {
    bench.clear()
    const socket = await bench.tunnel()
    socket.resume().write(Buffer.from([22, 3, 1, 2, 0, 1]))
    await once(socket, 'close')
    await until('both sides are closed', () => bench.gate.flows.size === 0)
  })

  it('by many that are opened and left', async () => {
    bench.clear()
    const all = await Promise.all(Array.from({ length: 50 }, () => bench.tunnel()))
    expect(bench.gate.flows.size).toBe(50)
    for (const socket of all) socket.destroy()
    await until('all are closed', () => bench.gate.flows.size === 0)
  })
})

describe('what a tunnel carries has to be for its host', () => {
  it('refuses TLS for another server', async () => {
    bench.clear()
    const socket = await bench.tunnel()
    const tls = connectTls({ socket, servername: 'other.test' })
    const [error] = (await once(tls, 'error')) as [Error]
    expect(error.message).toMatch(/disconnected|reset|closed/i)
    expect(bench.refusals).toEqual([{ text: `CONNECT ${web()}`, code: 'host.mismatch' }])
  })

  it('refuses a plain request for another host, and one that is blocked', async () => {
    for (const [line, code] of [
      ['GET / HTTP/1.1\r\nHost: b.test', 'host.mismatch'],
      ['GET http://b.test/ HTTP/1.1\r\nHost: b.test', 'request.invalid'],
      [`POST /no HTTP/1.1\r\nContent-Length: 0\r\nHost: ${web()}`, 'policy.blocked'],
    ]) {
      bench.clear()
      bench.blocked = (text) => text.startsWith('POST')
      const socket = await bench.tunnel()
      let text = ''
      socket.on('data', (part: Buffer) => {
        text += part.toString()
      })
      socket.write(`${line}\r\n\r\n`)
      await once(socket, 'close')
      expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ code })
      expect(bench.arrived).toEqual([])
    }
  })

  it('carries plain requests one after another, and what they become', async () => {
    bench.clear()
    const socket = await bench.tunnel()
    let text = ''
    socket.on('data', (part: Buffer) => {
      text += part.toString()
    })
    socket.write(`GET /one HTTP/1.1\r\nHost: ${web()}\r\n\r\n`)
    await until('seen GET /one', () => text.includes('seen GET /one'))
    socket.write(`GET /two HTTP/1.1\r\nHost: ${web()}\r\n\r\n`)
    await until('seen GET /two', () => text.includes('seen GET /two'))
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${web()}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`,
    )
    await until('101 Switching Protocols', () => text.includes('101 Switching Protocols'))
    socket.write('ping over it')
    await until('ping over it', () => text.includes('ping over it'))
    expect(bench.gate.flows.list()).toMatchObject([{ target: `CONNECT ${web()}` }])
    socket.destroy()
    await until('all are closed', () => bench.gate.flows.size === 0)
  })

  it('hands over all that was sent before one side ended', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let size = 0
      socket.on('data', (part: Buffer) => {
        size += part.length
      })
      socket.on('end', () => socket.end(Buffer.alloc(4 << 20, String(size).length)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const socket = await bench.tunnel(`web.test:${port}`)
    socket.end(Buffer.alloc(300_000, 'x'))
    let size = 0
    for await (const part of socket) size += (part as Buffer).length
    expect(size).toBe(4 << 20)
    server.close()
  })
})
