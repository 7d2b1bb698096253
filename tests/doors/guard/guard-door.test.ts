import { Agent, request as httpRequest, type Server } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { DOOR_LIMITS } from '../../../src/doors/guard/door-limits.ts'
import { guardDoor } from '../../../src/doors/guard/guard-door.ts'
import { MemoryGuard } from '../../support/memory-guard.ts'
import { until } from '../../support/until.ts'

let guard: MemoryGuard
let server: Server
let port: number
const pool = new Agent({ keepAlive: true })

interface Reply {
  status: number
  text: string
  json: Record<string, never> & { decision?: string; error?: { message: string; code: string } }
}

function say(
  method: string,
  path: string,
  body?: string | Buffer,
  signal?: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        agent: pool,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (d: string) => {
            text += d
          })
          .on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              text,
              json: response.headers['content-type'] === 'application/json' ? JSON.parse(text) : {},
            })
          })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}
const ask = (question: unknown, wait = '') =>
  say('POST', `/v1/ask${wait}`, JSON.stringify(question))

function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket
      .on('data', (d) => {
        said += String(d)
      })
      .on('close', () => resolve(said))
      .on('error', () => undefined)
  })
}

beforeEach(async () => {
  guard = new MemoryGuard()
  server = guardDoor(guard, 'scout')
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => {
    server.close(resolve)
  })
})

describe('asking', () => {
  it('answers a question with decision, reasons and risk', async () => {
    const { status, json } = await ask({
      type: 'exec',
      target: 'git push',
      reversible: false,
      systems: ['prod'],
      goal: 'g',
      scope: 's',
      risk: 3,
      ticket: 'T-1',
      argv: null,
    })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      id: 'act_1',
      decision: 'allow',
      pending: false,
      reasons: [{ layer: 'policy', id: 'p1', text: 'the test says allow' }],
      risk: { score: expect.any(Number), factors: expect.any(Array) },
      edited: null,
      expires_at: null,
    })
    expect(guard.asked[0]).toMatchObject({
      agent: 'scout',
      action: {
        type: 'exec',
        target: 'git push',
        reversible: false,
        systems: ['prod'],
        goal: 'g',
        scope: 's',
        claimedRisk: 3,
        extra: { ticket: 'T-1' },
      },
    })
  })
  it('says 200 for a block too', async () => {
    guard.judge = () => 'block'
    expect(await ask({ type: 'net', target: 'x' })).toMatchObject({
      status: 200,
      json: { decision: 'block' },
    })
  })
  it('takes a form as well', async () => {
    await say(
      'POST',
      '/v1/ask',
      'type=net&target=POST+https%3A%2F%2Fa.test%2F%3Fx%3D1&reversible=false&systems=a,b&risk=7',
    )
    expect(guard.asked[0]?.action).toMatchObject({
      type: 'net',
      target: 'POST https://a.test/?x=1',
      reversible: false,
      systems: ['a', 'b'],
      claimedRisk: 7,
    })
  })
  it('waits as long as asked, and answers the moment that somebody decides', async () => {
    guard.judge = () => 'require_approval'
    expect((await ask({ type: 'net', target: 'x' })).json).toMatchObject({
      pending: true,
      decision: 'require_approval',
      expires_at: '2030-01-01T00:00:00.000Z',
    })
    expect((await say('GET', '/v1/asks/act_1?wait=0.01')).json).toMatchObject({ pending: true })
    const waiting = ask({ type: 'net', target: 'y' }, '?wait=60')
    await guard.until(() => guard.waits.at(-1)?.id === 'act_2')
    guard.decide('act_2', 'allow', {
      edited: normalise({
        type: 'net',
        target: 'z',
        argv: [],
        cwd: '',
        reversible: null,
        systems: [],
        goal: '',
        scope: '',
        risk: null,
        extra: {},
      }),
    })
    expect((await waiting).json).toMatchObject({
      pending: false,
      decision: 'allow',
      edited: { type: 'net', target: 'z' },
    })
  })
  it('stops waiting when the one who waits goes away', async () => {
    guard.judge = () => 'require_approval'
    const gone = new AbortController()
    const waiting = say('POST', '/v1/ask?wait=60', '{"type":"net","target":"x"}', gone.signal)
    await guard.until(() => guard.waits.length === 1)
    const signal = guard.waits[0]?.signal as AbortSignal
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve)
    })
    gone.abort()
    await expect(waiting).rejects.toThrow()
    await aborted
    expect(guard.asked[0]?.answer.pending).toBe(true)
  })
  it('reports outcomes and says who asks', async () => {
    await ask({ type: 'net', target: 'x' })
    expect(
      await say('POST', '/v1/asks/act_1/outcome', '{"result":"failure","exit_code":2,"note":"n"}'),
    ).toMatchObject({ status: 200, text: '{"ok":true}' })
    expect(guard.outcomes).toEqual([
      { id: 'act_1', outcome: { result: 'failure', exitCode: 2, note: 'n' } },
    ])
    expect(await say('GET', '/v1/whoami')).toMatchObject({
      status: 200,
      json: { agent: 'scout', template: 'coder', guard: 1 },
    })
  })
})

describe('for shells', () => {
  it('takes the words of a command, raw or percent-encoded', async () => {
    expect((await say('POST', '/v1/exec?cwd=%2Fw', 'git\0push\0a b\0')).text).toBe(
      'allow act_1\nwhy the test says allow\n',
    )
    await say('POST', '/v1/exec?enc=percent', '%67it%00%c3%a9%00')
    expect(guard.asked.map((a) => a.action.argv)).toEqual([
      ['git', 'push', 'a b'],
      ['git', 'é'],
    ])
    expect(guard.asked[0]?.action.cwd).toBe('/w')
    expect((await say('POST', '/v1/exec/act_1/exit?code=0')).text).toBe('ok\n')
    expect(guard.outcomes[0]?.outcome).toEqual({ result: 'success', exitCode: 0, note: '' })
  })
  it('gives what the operator changed in words that a shell reads back', async () => {
    guard.judge = () => 'require_approval'
    const waiting = say('POST', '/v1/exec?wait=60', 'ls\0')
    await guard.until(() => guard.waits.length === 1)
    guard.decide('act_1', 'allow', {
      note: 'so\n\u001b[31m',
      edited: {
        ...(guard.asked[0]?.action as never as ReturnType<typeof normalise>),
        argv: [],
        target: 'a | b\nc',
      },
    })
    expect((await waiting).text).toBe(`allow act_1\nrun sh -c 'a | b'"$nl"'c'\nwhy so⏎␛[31m\n`)
  })
  it('says every refusal in a 200, as wget shows no other body', async () => {
    expect(await say('POST', '/v1/exec', '')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -\nwhy `the body` holds no words\n/),
    })
    expect(await say('GET', '/v1/exec/act_77')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -\nwhy no question act_77/),
    })
    expect(await say('POST', '/v1/exec?enc=percent', '%zz')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -/),
    })
  })
})

describe('what is wrong is denied, with the reason', () => {
  it.each<[string, string, number, RegExp]>([
    ['nothing', '', 400, /it is empty/],
    ['half an object', '{"type":"net",', 400, /ends too early/],
    ['a slip', '{"type": "net",\n "target": tru }', 400, /line 2, column 15/],
    ['a bare word', 'hello', 400, /line 1, column 1/],
    ['a list', '[1]', 400, /not an object/],
    ['no type', '{"target":"x"}', 400, /`type` is missing/],
    ['a type that is a number', '{"type":1}', 400, /`type` is no text/],
    ['words that are none', '{"type":"exec","argv":["a",1]}', 400, /`argv` is no list of texts/],
    ['a truth that is none', '{"type":"exec","target":"x","reversible":"no"}', 400, /`reversible`/],
    ['an impossible type', '{"type":"Ex ec","target":"x"}', 400, /`type` is 1 to 32/],
  ])('%s', async (_, body, status, message) => {
    const reply = await say('POST', '/v1/ask', body)
    expect(reply.status).toBe(status)
    expect(reply.json).toMatchObject({
      decision: 'block',
      pending: false,
      reasons: [{ layer: 'input' }],
      error: { code: 'input.invalid' },
    })
    expect(reply.json.error?.message).toMatch(message)
    expect(guard.asked).toEqual([])
  })
  it('broken UTF-8', async () => {
    expect(
      (await say('POST', '/v1/ask', Buffer.from([0x7b, 0xff, 0x7d]))).json.error?.message,
    ).toMatch(/UTF-8/)
  })
  it('an unknown address, a wrong method, an unknown question', async () => {
    expect(await say('GET', '/nowhere')).toMatchObject({ status: 404, json: { decision: 'block' } })
    expect(await say('GET', '/v1/ask')).toMatchObject({ status: 405, json: { decision: 'block' } })
    expect(await say('GET', '/v1/asks/act_9')).toMatchObject({
      status: 404,
      json: { error: { code: 'approval.unknown' } },
    })
    expect(await say('POST', '/v1/asks/act_9/outcome', '{"result":"fine"}')).toMatchObject({
      status: 400,
    })
  })
  it('a body that is too large, said before or found out', async () => {
    expect(await say('POST', '/v1/ask', 'x'.repeat(65 * 1024))).toMatchObject({
      status: 413,
      json: { decision: 'block' },
    })
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    expect(
      await raw(
        `POST /v1/ask HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(18)}`,
      ),
    ).toMatch(/^HTTP\/1.1 413 [^]*"decision":"block"/)
    expect(guard.asked).toEqual([])
  })
  it('what is no HTTP, and headers without end', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"decision":"block"/)
    expect(await raw(`GET /v1/whoami HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    )
  })
  it('a deck that fails', async () => {
    guard.ask = () => Promise.reject(new Fault('journal.unwritable', 'the disk is full'))
    expect(await ask({ type: 'net', target: 'x' })).toMatchObject({
      status: 503,
      json: { decision: 'block', reasons: [{ layer: 'supervisor', text: 'the disk is full' }] },
    })
    expect((await say('POST', '/v1/exec', 'ls\0')).status).toBe(503)
    guard.ask = () => Promise.reject(new TypeError('secret of the inside'))
    const { status, text } = await ask({ type: 'net', target: 'x' })
    expect(status).toBe(500)
    expect(text).not.toMatch(/secret/)
  })
})

it('takes sockets that others accepted, and no more than its limit', async () => {
  const handed = guardDoor(guard, 'hermit')
  const front = createServer((socket: Socket) => handed.emit('connection', socket))
  await new Promise<void>((resolve) => {
    front.listen(0, '127.0.0.1', resolve)
  })
  port = (front.address() as AddressInfo).port
  const open = await Promise.all(
    Array.from(
      { length: DOOR_LIMITS.connections },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket))
        }),
    ),
  )
  expect(await raw('')).toMatch(/503 [^]*holds 128 connections/)
  const closed = new Promise((resolve) => {
    open[0]?.once('close', resolve)
  })
  open[0]?.end()
  await closed
  expect((await say('GET', '/v1/whoami')).json).toMatchObject({ agent: 'hermit' })
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

/** A door of other limits, for one test. */
async function strict(limits: Partial<typeof DOOR_LIMITS>): Promise<void> {
  server.close()
  server = guardDoor(guard, 'scout', { ...DOOR_LIMITS, ...limits })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
}

describe('whoever keeps the door busy', () => {
  it('is turned away with connections beyond the limit, which do not stay open', async () => {
    await strict({ connections: 2, headMs: 3_600_000 })
    const accepted: Socket[] = []
    server.on('connection', (socket: Socket) => {
      accepted.push(socket)
    })
    const held = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(port, '127.0.0.1', () => resolve(socket))
          }),
      ),
    )
    await until('both are counted', () => accepted.length === 2)
    const beyond = Array.from({ length: 40 }, () =>
      connect({ port, host: '127.0.0.1', allowHalfOpen: true })
        .pause()
        .on('error', () => undefined),
    )
    await until(
      'each was accepted and is gone again',
      () => accepted.length === 42 && accepted.slice(2).every((socket) => socket.destroyed),
    )
    expect(accepted.slice(0, 2).map((socket) => socket.destroyed)).toEqual([false, false])
    expect(guard.refusals[0]).toEqual({
      agent: 'scout',
      reason: 'this agent holds 2 connections already',
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
  ])('is cut off after %s, however steadily it trickles', async (_, text) => {
    await strict({ headMs: 40, bodyMs: 40, idleMs: 200, sweepMs: 10 })
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    const trickle = setInterval(() => socket.write(text === '' ? '' : 'z'), 15)
    await new Promise((resolve) => {
      socket
        .on('error', () => undefined)
        .on('close', resolve)
        .resume()
    })
    clearInterval(trickle)
    expect(guard.asked).toEqual([])
  })

  it('is told to come back when it has more written down than is taken in', async () => {
    await strict({ written: { burst: 3000, perSecond: 1 } })
    const question = { type: 'net', target: 'x'.repeat(2500) }
    expect(await ask(question)).toMatchObject({ status: 200, json: { decision: 'allow' } })
    const busy = await ask(question)
    expect(busy).toMatchObject({ status: 429, json: { decision: 'block', pending: false } })
    expect(busy.json.error?.message).toMatch(/more written down/)
    expect((await say('POST', '/v1/exec', 'ls\0')).text).toMatch(
      /^busy \d+\nwhy this agent has more written down/,
    )
    expect(await say('POST', '/v1/asks/act_1/outcome', '{"result":"success"}')).toMatchObject({
      status: 429,
    })
    expect(await say('GET', '/v1/asks/act_1')).toMatchObject({
      status: 200,
      json: { decision: 'allow' },
    })
    expect(guard.asked.length).toBe(1)
    expect(guard.refusals[0]).toMatchObject({ agent: 'scout', what: 'questions' })
  })

  it('is told to come back when it asks too often', async () => {
    await strict({ requests: { burst: 0.5, perSecond: 0.0001 } })
    expect(await say('GET', '/v1/whoami')).toMatchObject({ status: 200 })
    expect(await say('GET', '/v1/whoami')).toMatchObject({
      status: 429,
      json: { decision: 'block' },
    })
  })
})
