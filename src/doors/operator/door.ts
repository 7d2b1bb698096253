import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { Caller } from '../../commands/act.ts'
import type { Watch } from '../../commands/deck.ts'
import type { Shells } from '../../domain/shells/types.ts'
import { serveTerminal } from './pty-frames.ts'

/** What the operator's door needs of the supervisor. */
export interface OperatorSide {
  execute(id: string, input: unknown, caller: Caller): unknown
  log(what: string): void
}

/** Room for what is piped into a command, in base64. */
const MOST_BODY = 12 << 20
/** A reader that leaves this much unread is told that it lags, and is given a whole world when it has caught up. */
const MOST_UNREAD = 4 << 20

const STATUS: Partial<Record<FaultCode, number>> = {
  usage: 404,
  'not.found': 404,
  'agent.unknown': 404,
  'template.unknown': 404,
  'approval.unknown': 404,
  refused: 403,
  drift: 409,
  'approval.decided': 409,
  bug: 500,
}

/** HTTP for the operator's own doors. Who can open the socket is the operator: it is 0600 in a 0700 folder. */
export function operatorDoor(side: OperatorSide): Server {
  const server = http().createServer(
    { keepAliveTimeout: 0, requestTimeout: 0 },
    (request, response) => {
      route(side, request, response).catch((thrown: unknown) => refuse(side, response, thrown))
    },
  )
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(side, request, socket, head)
  })
  return server
}

async function route(
  side: OperatorSide,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = addressOf(request)
  if (request.method === 'GET' && url.pathname === '/v1/world') {
    await follow(side, request, response)
    return
  }
  const [, version, verb, id] = url.pathname.split('/')
  if (request.method !== 'POST' || version !== 'v1' || verb !== 'do' || id === undefined)
    throw new Fault('usage', `nothing answers ${request.method ?? ''} ${url.pathname} here`)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const caller = callerOf(request, gone.signal)
  const answer = await side.execute(id, parse(await body(request)), caller)
  if (isStream(answer)) await stream(side, response, answer, gone.signal)
  else send(response, 200, answer ?? null)
}

function addressOf(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '/', 'http://deck')
  if (url === null) throw new Fault('usage', 'the request has no address that can be understood')
  return url
}

/** Who can open the socket is the owner of the deck; which door speaks only colours the name. */
function callerOf(request: IncomingMessage, signal: AbortSignal): Caller {
  const said = request.headers['x-clawdeck-door']
  const door = said === 'cli' || said === 'console' ? said : 'operator'
  return { actor: door === 'operator' ? door : `operator:${door}`, door, role: 'owner', signal }
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length
      if (size > MOST_BODY) throw new Fault('input.invalid', 'the request is larger than 12 MiB')
      chunks.push(chunk as Buffer)
    }
  } catch (thrown) {
    throw thrown instanceof Fault
      ? thrown
      : new Fault('input.invalid', 'the request never came to its end', { cause: thrown })
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('input.invalid', `the request is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}

function refuse(side: OperatorSide, response: ServerResponse, thrown: unknown): void {
  const fault = asFault(thrown)
  if (fault.code === 'bug')
    side.log(
      `defect: ${fault.cause instanceof Error ? (fault.cause.stack ?? fault.message) : fault.message}`,
    )
  if (response.headersSent) response.end(`${JSON.stringify({ fault })}\n`)
  else send(response, STATUS[fault.code] ?? 400, { fault })
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

async function stream(
  side: OperatorSide,
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  gone: AbortSignal,
): Promise<void> {
  try {
    for await (const item of items) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      if (!response.write(`${JSON.stringify({ item })}\n`)) await drained(response, gone)
      if (gone.aborted) return
    }
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.end(`${JSON.stringify({ end: true })}\n`)
  } catch (thrown) {
    refuse(side, response, thrown)
  }
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go)
      gone.removeEventListener('abort', go)
      resolve()
    }
    response.once('drain', go)
    gone.addEventListener('abort', go, { once: true })
  })
}

async function follow(
  side: OperatorSide,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const watch = (await side.execute('deck.watch', {}, callerOf(request, gone.signal))) as Watch
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  let missed = 0
  const whole = () =>
    response.write(`${JSON.stringify({ kind: 'world', world: watch.snapshot() })}\n`)
  whole()
  const stop = watch.follow((line) => {
    if (response.writableLength > MOST_UNREAD) {
      missed++
      return
    }
    response.write(line)
  })
  response.on('drain', () => {
    if (missed === 0) return
    response.write(`${JSON.stringify({ kind: 'lagged', missed })}\n`)
    missed = 0
    whole()
  })
  response.once('close', stop)
}

async function upgrade(
  side: OperatorSide,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const gone = new AbortController()
  socket.on('error', () => socket.destroy())
  socket.once('close', () => gone.abort())
  try {
    const url = addressOf(request)
    const shell = /^\/v1\/shells\/([^/]+)\/attach$/.exec(url.pathname)?.[1]
    if (shell === undefined || request.headers.upgrade !== 'clawdeck-pty')
      throw new Fault('usage', 'nothing to attach to here')
    const size = {
      columns: bounded(url.searchParams.get('columns'), 80),
      rows: bounded(url.searchParams.get('rows'), 24),
    }
    const join = (await side.execute(
      'shell.attach',
      { id: shell },
      callerOf(request, gone.signal),
    )) as ReturnType<Shells['join']>
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: clawdeck-pty\r\n\r\n',
    )
    if (head.length > 0) socket.unshift(head)
    serveTerminal(socket, join, size)
  } catch (thrown) {
    const text = JSON.stringify({ fault: asFault(thrown) })
    socket.end(
      `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    )
  }
}

function bounded(text: string | null, otherwise: number): number {
  const n = Number(text)
  return Number.isInteger(n) && n >= 1 && n <= 1000 ? n : otherwise
}
