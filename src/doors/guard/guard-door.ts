import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { Guard } from '../../domain/approvals/guard.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import { Allowance } from './allowance.ts'
import { BodyTooLarge, MAX_BODY_BYTES, readBody } from '../../wire/body.ts'
import { DOOR_LIMITS, limitConnections, type DoorLimits } from './door-limits.ts'
import { commandOf, outcomeOf, outcomeOfExit, questionOf } from './guard-input.ts'
import { answerJson, answerText, busyText, denialJson, denialText } from './guard-output.ts'

interface Call {
  method: string
  path: string
  query: URLSearchParams
  request: IncomingMessage
  response: ServerResponse
  text: boolean
}

/** Whose door this is, and what it may still write down. */
interface Door {
  guard: Guard
  agent: string
  limits: DoorLimits
  written: Allowance
}

/**
 * The guard door of one agent, protocol v1. It can listen, or be handed accepted sockets: `emit('connection', socket)`.
 * Who asks is which door this is. Whatever goes wrong here denies, and says why.
 */
export function guardDoor(guard: Guard, agent: string, limits: DoorLimits = DOOR_LIMITS): Server {
  let inFlight = 0
  const requests = new Allowance(limits.requests)
  const door: Door = { guard, agent, limits, written: new Allowance(limits.written) }
  const server = http().createServer(
    { maxHeaderSize: limits.headerBytes, keepAliveTimeout: limits.idleMs },
    (request, response) => {
      const call = callOf(request, response)
      if (inFlight >= limits.inFlight) {
        fail(door, call, new Busy(`${inFlight} questions of this agent are under way already`, 1))
        return
      }
      inFlight++
      response.once('close', () => {
        inFlight--
      })
      const wait = requests.take(1)
      if (wait > 0) fail(door, call, new Busy('this agent asks too often', wait))
      else serve(door, call).catch((thrown: unknown) => fail(door, call, thrown))
    },
  )
  server.maxHeadersCount = 64
  server.timeout = limits.idleMs
  server.on('clientError', (error: Error, socket: Socket) => answerBroken(error, socket))
  limitConnections(server, limits, (open) => {
    const fault = new Fault('not.possible', `this agent holds ${open} connections already`, {
      hint: 'Close some, or keep them alive and use them again.',
    })
    guard.refused(agent, fault.message, 'connections')
    return whole('503 Service Unavailable', denialJson(fault))
  })
  return server
}

/** More than this door takes now. Nothing was decided: it may be asked again in `seconds`. */
class Busy extends Fault {
  readonly seconds: number

  constructor(message: string, seconds: number) {
    super('not.possible', message, { hint: `Ask again in ${seconds} s.` })
    this.seconds = seconds
  }
}

async function serve(door: Door, call: Call): Promise<void> {
  const { path } = call
  if (path === '/v1/ask' || path === '/v1/exec') return ask(door, call)
  if (path === '/v1/whoami') return whoami(door, call)
  const [, id, act] =
    /^\/v1\/(?:asks|exec)\/([A-Za-z0-9_-]{1,64})(?:\/(outcome|exit))?$/.exec(path) ?? []
  if (id === undefined)
    throw new Fault('not.found', 'there is nothing at this address', {
      hint: 'POST /v1/ask, GET /v1/asks/<id>, POST /v1/asks/<id>/outcome, GET /v1/whoami.',
    })
  if (act !== undefined) return report(door, id, call, act === 'exit')
  if (takes(call, 'GET')) sendAnswer(call, await waited(door, id, call))
}

async function ask(door: Door, call: Call): Promise<void> {
  if (!takes(call, 'POST')) return
  const body = await bodyOf(door, call)
  const answer = await door.guard.ask(
    door.agent,
    call.path === '/v1/exec' ? commandOf(body, call.query) : questionOf(body),
  )
  sendAnswer(call, answer.pending ? await waited(door, answer.id, call, answer) : answer)
}

/** The body of what is to be written down, if this agent may still write so much. */
async function bodyOf({ limits, written }: Door, { request }: Call): Promise<string> {
  const body = await readBody(request, limits.bodyMs)
  const wait = written.take(limits.questionBytes + body.length + (request.url?.length ?? 0))
  if (wait > 0) throw new Busy('this agent has more written down than the deck takes in', wait)
  return body
}

async function whoami({ guard, agent }: Door, call: Call): Promise<void> {
  if (!takes(call, 'GET')) return
  const who = guard.whoami(agent)
  send(
    call,
    200,
    call.text
      ? `agent ${who.agent}\ntemplate ${who.template}\nguard ${who.guard}\n`
      : JSON.stringify(who),
  )
}

async function report(door: Door, id: string, call: Call, byExit: boolean): Promise<void> {
  if (!takes(call, 'POST')) return
  const body = await bodyOf(door, call)
  await door.guard.report(
    door.agent,
    id,
    byExit ? outcomeOfExit(call.query.get('code')) : outcomeOf(body),
  )
  send(call, 200, call.text ? 'ok\n' : '{"ok":true}')
}

/** The answer when it is there, as it stands after the asked wait, or whenever the one who waits goes away. */
async function waited(
  { guard, agent, limits }: Door,
  id: string,
  { query, response }: Call,
  soFar?: Answer,
): Promise<Answer> {
  const seconds = Number(query.get('wait') ?? 0)
  const ms =
    Math.min(Math.max(Number.isFinite(seconds) ? seconds : 0, 0), limits.longestWaitSeconds) * 1000
  if (soFar !== undefined && ms === 0) return soFar
  const gone = new AbortController()
  const leave = () => gone.abort()
  response.once('close', leave)
  try {
    return await guard.wait(agent, id, ms, gone.signal)
  } finally {
    response.off('close', leave)
  }
}

const NO_QUERY = new URLSearchParams()

function callOf(request: IncomingMessage, response: ServerResponse): Call {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1))
  return {
    method: request.method ?? 'GET',
    path,
    query,
    request,
    response,
    text: path.startsWith('/v1/exec') || query.get('as') === 'text',
  }
}

function takes(call: Call, method: string): boolean {
  if (call.method === method) return true
  call.response.setHeader('allow', method)
  refuse(call, new Fault('usage', `this address takes ${method}, not ${call.method}`), 405)
  return false
}

const STATUS: Partial<Record<FaultCode, number>> = {
  'input.invalid': 400,
  'approval.unknown': 404,
  'not.found': 404,
  'not.possible': 409,
  refused: 403,
}

function fail(door: Door, call: Call, thrown: unknown): void {
  if (thrown instanceof Busy) {
    door.guard.refused(door.agent, thrown.message, 'questions')
    busy(call, thrown)
    return
  }
  if (thrown instanceof BodyTooLarge) {
    call.response.setHeader('connection', 'close')
    refuse(
      call,
      new Fault('input.invalid', `the body is larger than ${MAX_BODY_BYTES / 1024} KiB`, {
        hint: 'Put what is long into a file, and ask for that.',
      }),
      413,
    )
    return
  }
  const fault = asFault(thrown)
  // A defect's own words are for the operator's log, not for a pod.
  if (fault.code === 'bug')
    refuse(
      call,
      new Fault('bug', 'the deck could not decide, so this is denied', {
        hint: 'The operator finds the cause in `clawdeck supervisor logs`.',
      }),
      500,
    )
  else refuse(call, fault, STATUS[fault.code] ?? 503)
}

/** Shell clients see no body but that of a 200: to them a refusal is an answer, and only a deck that may come back is an error. */
function refuse(call: Call, fault: Fault, status: number): void {
  if (!call.request.complete) call.response.setHeader('connection', 'close')
  if (call.text) send(call, status >= 500 ? status : 200, denialText(fault))
  else send(call, status, denialJson(fault))
}

/** To a shell this is an answer too, and one that no client takes for a yes. */
function busy(call: Call, { message, hint, seconds }: Busy): void {
  if (!call.request.complete) call.response.setHeader('connection', 'close')
  call.response.setHeader('retry-after', seconds)
  if (call.text) send(call, 200, busyText(seconds, message))
  else
    send(
      call,
      429,
      denialJson(new Fault('not.possible', message, hint === undefined ? {} : { hint })),
    )
}

function sendAnswer(call: Call, answer: Answer): void {
  send(call, 200, call.text ? answerText(answer) : answerJson(answer))
}

function send({ response, text }: Call, status: number, body: string): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    'content-type': text ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

function answerBroken(error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const tooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
  const body = denialJson(
    new Fault(
      'input.invalid',
      tooLarge
        ? `the headers are larger than ${DOOR_LIMITS.headerBytes / 1024} KiB`
        : 'this is not HTTP',
      { hint: 'Send plain HTTP/1.1.' },
    ),
  )
  socket.end(
    whole(tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request', body),
    () => socket.destroy(),
  )
}

/** A whole answer, for a connection that has no request. */
function whole(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
