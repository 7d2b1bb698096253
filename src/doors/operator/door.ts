import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { asFault, Fault } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { Caller } from '../../commands/act.ts'
import type { Watch } from '../../commands/deck.ts'
import type { Shells } from '../../domain/shells/types.ts'
import { isStream, parseJson, sendFault, sendItems, sendJson } from '../../wire/answers.ts'
import { BodyTooLarge, readBody } from '../../wire/body.ts'
import { rawResponse } from '../../wire/raw-response.ts'
import { serveTerminal } from './serve-terminal.ts'

/** What the door needs of the supervisor. */
export interface DoorParts {
  /** Who says this. Fault `refused`. */
  callerOf(request: IncomingMessage, gone: AbortSignal): Caller
  /** Notes that a console of an operator follows the deck, until the signal is aborted. */
  present(operator: string, door: string, signal: AbortSignal): void
  execute(id: string, input: unknown, caller: Caller): unknown
  log(what: string): void
  /** Answers what is said at `/v1/pair/…`, where devices are paired. */
  answers?: ReadonlyMap<string, Said>
  /** Answers agents outside of pods, at `/v1/agents/…`. */
  answerAgent?: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

type Said = (input: unknown, caller: Caller) => unknown

/** Enough for 8 MiB of input that is piped into a command, in base64. */
const MAX_BODY_BYTES = 12 << 20
/** What guests say is short. They may be many, and slow on purpose. */
const GUEST_BODY = { maxBytes: 64 * 1024, timeoutMs: 10_000 }
/** A reader with more unread bytes is skipped, and sent the whole world when it has caught up. */
const MAX_UNREAD_BYTES = 4 << 20

/**
 * HTTP for CLI and console, as `commands/wire.ts` describes it. Who may open its socket, and who a
 * caller is, is up to whoever makes it: `supervisor/start.ts`, or the door for paired devices.
 */
export function operatorDoor(parts: DoorParts): Server {
  const server = http().createServer(
    { keepAliveTimeout: 0, requestTimeout: 0 },
    (request, response) => {
      route(parts, request, response).catch((thrown: unknown) =>
        sendFault(response, thrown, parts.log),
      )
    },
  )
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(parts, request, socket, head)
  })
  return server
}

async function route(
  parts: DoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = addressOf(request)
  if (parts.answerAgent !== undefined && url.pathname.startsWith('/v1/agents/'))
    return parts.answerAgent(request, response)
  if (request.method === 'GET' && url.pathname === '/v1/world') {
    await follow(parts, request, response)
    return
  }
  const said = saidAt(parts, request.method ?? '', url.pathname)
  const disconnected = new AbortController()
  response.once('close', () => disconnected.abort())
  const caller = parts.callerOf(request, disconnected.signal)
  endWith(caller, response)
  const answer = await said(parseJson(await bodyOf(request, caller)), caller)
  if (isStream(answer)) await sendItems(response, answer, caller.signal)
  else sendJson(response, 200, answer ?? null)
}

/** What is done with what is posted to an address. Fault `usage`. */
function saidAt({ execute, answers }: DoorParts, method: string, path: string): Said {
  const [, version, verb, id = ''] = path.split('/')
  if (method === 'POST' && version === 'v1') {
    if (verb === 'do' && id !== '') return (input, caller) => execute(id, input, caller)
    const answer = verb === 'pair' ? answers?.get(id) : undefined
    if (answer !== undefined) return answer
  }
  throw new Fault('usage', `there is no ${method} ${path} here`)
}

function addressOf(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '/', 'http://deck')
  if (url === null) throw new Fault('usage', 'the address of the request is not valid')
  return url
}

function bodyOf(request: IncomingMessage, { role }: Caller): Promise<string> {
  const limits = role === 'guest' ? GUEST_BODY : { maxBytes: MAX_BODY_BYTES }
  return readBody(request, limits).catch((thrown: unknown) => {
    throw thrown instanceof BodyTooLarge
      ? new Fault('input.invalid', `the request is larger than ${sizeText(limits.maxBytes)}`)
      : thrown
  })
}

async function follow(
  parts: DoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const disconnected = new AbortController()
  response.once('close', () => disconnected.abort())
  const caller = parts.callerOf(request, disconnected.signal)
  endWith(caller, response)
  const watch = (await parts.execute('deck.watch', {}, caller)) as Watch
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  let missed = 0
  const sendWorld = () =>
    response.write(`${JSON.stringify({ kind: 'world', world: watch.snapshot() })}\n`)
  sendWorld()
  const stop = watch.follow((line) => {
    if (response.writableLength > MAX_UNREAD_BYTES) {
      missed++
      return
    }
    response.write(line)
  })
  response.on('drain', () => {
    if (missed === 0) return
    response.write(`${JSON.stringify({ kind: 'lagged', missed })}\n`)
    missed = 0
    sendWorld()
  })
  response.once('close', stop)
  if (caller.operator !== undefined) parts.present(caller.operator, caller.door, caller.signal)
}

/** Cuts an answer off as soon as whoever gets it has other rights. */
function endWith({ signal }: Caller, connection: { destroy(): unknown; destroyed: boolean }): void {
  signal.addEventListener('abort', () => connection.destroy(), { once: true })
}

async function upgrade(
  parts: DoorParts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const disconnected = new AbortController()
  socket.on('error', () => socket.destroy())
  socket.once('close', () => disconnected.abort())
  try {
    const url = addressOf(request)
    const shell = /^\/v1\/shells\/([^/]+)\/attach$/.exec(url.pathname)?.[1]
    if (shell === undefined || request.headers.upgrade !== 'clawdeck-pty')
      throw new Fault('usage', 'there is no shell at this address')
    const size = {
      columns: bounded(url.searchParams.get('columns'), 80),
      rows: bounded(url.searchParams.get('rows'), 24),
    }
    const caller = parts.callerOf(request, disconnected.signal)
    endWith(caller, socket)
    const join = (await parts.execute('shell.attach', { id: shell }, caller)) as ReturnType<
      Shells['join']
    >
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: clawdeck-pty\r\n\r\n',
    )
    if (head.length > 0) socket.unshift(head)
    serveTerminal(socket, join, size)
  } catch (thrown) {
    socket.end(rawResponse('404 Not Found', JSON.stringify({ fault: asFault(thrown) })))
  }
}

function bounded(text: string | null, fallback: number): number {
  const n = Number(text)
  return Number.isInteger(n) && n >= 1 && n <= 1000 ? n : fallback
}

function sizeText(size: number): string {
  return size < 1 << 20 ? `${size >> 10} KiB` : `${size >> 20} MiB`
}
