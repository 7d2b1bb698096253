import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { Guard } from '../../domain/approvals/guard.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import type { Question } from '../../domain/policy/types.ts'
import { BodyTooLarge, readBody } from '../../wire/body.ts'
import { rawResponse } from '../../wire/raw-response.ts'
import { Busy } from './busy.ts'
import { limitConnections } from '../../wire/limit-connections.ts'
import { DOOR_LIMITS, type DoorLimits } from './door-limits.ts'
import { parseCommand, parseExitCode, parseOutcome, parseQuestion } from './guard-input.ts'
import { denialJson } from './guard-output.ts'
import {
  reply,
  replyAnswer,
  replyBusy,
  replyMalformed,
  replyRefusal,
  type GuardCall,
  type Proof,
} from './guard-reply.ts'
import { TokenBucket } from '../../wire/token-bucket.ts'

/**
 * Does work on so many bytes when it is the agent's turn. Undefined if too much of its work waits
 * already.
 */
export type InTurn = <T>(work: () => Promise<T>, bytes: number) => Promise<T> | undefined

/** How a door shares the supervisor with others. Without turns, work is done at once. */
interface DoorOptions {
  limits?: DoorLimits
  inTurn?: InTurn
  /** Connections that may be open now, when so many are, if fewer than the limit. */
  mostConnections?: (open: number) => number
  /** What answers requests below `/api`; undefined while nothing does. */
  beside?: () => RequestListener | undefined
}

interface Door {
  guard: Guard
  agent: string
  limits: DoorLimits
  inTurn: InTurn
  /** Bytes that may be written to the journal. */
  journalBytes: TokenBucket
}

export type AnswerAgent = (
  request: IncomingMessage,
  response: ServerResponse,
  proof?: Proof,
) => void

/**
 * What answers the requests of one agent, protocol v1. Whoever calls it knows that they are this
 * agent's, or passes how they are proven. Every failure is a denial with a reason.
 */
function guardAnswers(
  guard: Guard,
  agent: string,
  { limits = DOOR_LIMITS, inTurn = (work) => work(), beside }: DoorOptions = {},
): AnswerAgent {
  let inFlight = 0
  const requests = new TokenBucket(limits.requests)
  const journalBytes = new TokenBucket(limits.journalBytes)
  const door: Door = { guard, agent, limits, inTurn, journalBytes }
  return (request, response, proof) => {
    if (request.socket.destroyed) return
    const call = callOf(request, response, proof)
    if (inFlight >= limits.inFlight) {
      fail(door, call, new Busy(`this agent has ${inFlight} unanswered requests already`, 1))
      return
    }
    inFlight++
    response.once('close', () => {
      inFlight--
    })
    const other = proof === undefined && isBeside(request) ? beside?.() : undefined
    const wait = requests.take(1) || (other === undefined ? 0 : journalBytes.take(sizeOf(request)))
    if (wait > 0) fail(door, call, new Busy('this agent sends too many requests', wait))
    else if (other !== undefined) other(request, response)
    else serve(door, call).catch((thrown: unknown) => fail(door, call, thrown))
  }
}

export interface GuardDoor {
  /** It can listen, or be passed accepted sockets with `emit('connection', socket)`. */
  server: Server
  /** Answers what another server was asked, and the agent has proven. */
  answer: AnswerAgent
}

/** The guard door of one agent, which the server identifies. */
export function guardDoor(guard: Guard, agent: string, options: DoorOptions = {}): GuardDoor {
  const { limits = DOOR_LIMITS, mostConnections = () => Infinity } = options
  const answer = guardAnswers(guard, agent, options)
  const server = http().createServer(
    { maxHeaderSize: limits.headerBytes, keepAliveTimeout: limits.idleMs },
    (request, response) => answer(request, response),
  )
  server.maxHeadersCount = 64
  server.timeout = limits.idleMs
  server.on('clientError', (error: Error, socket: Socket) => replyMalformed(error, socket))
  limitConnections(server, limits, {
    most: (open) => Math.min(limits.connections, mostConnections(open)),
    refusal: (open) => refuseConnection(guard, agent, open),
  })
  return { server, answer }
}

function isBeside({ url }: IncomingMessage): boolean {
  return url?.startsWith('/api/') === true
}

/** What a request may add to the journal, before it was read. */
function sizeOf({ method, headers }: IncomingMessage): number {
  if (method === 'GET') return 0
  return Number(headers['content-length'] ?? DOOR_LIMITS.bodyBytes) + DOOR_LIMITS.overheadBytes
}

/** Notes that a connection was refused, and returns the response. */
function refuseConnection(guard: Guard, agent: string, open: number): string {
  const fault = new Fault('not.possible', `this agent has ${open} open connections already`, {
    hint: 'Close some, or reuse them with keep-alive.',
  })
  guard.refused(agent, fault.message, 'connections')
  return rawResponse('503 Service Unavailable', denialJson(fault))
}

async function serve(door: Door, call: GuardCall): Promise<void> {
  const { path, method } = call
  if (method !== 'POST') call.proof?.check('')
  if (path === '/v1/ask' || path === '/v1/exec') return ask(door, call)
  if (path === '/v1/whoami') return whoami(door, call)
  const [, id, act] =
    /^\/v1\/(?:asks|exec)\/([A-Za-z0-9_-]{1,64})(?:\/(outcome|exit))?$/.exec(path) ?? []
  if (id === undefined)
    throw new Fault('not.found', 'this address does not exist', {
      hint: 'Use POST /v1/ask, GET /v1/asks/<id>, POST /v1/asks/<id>/outcome or GET /v1/whoami.',
    })
  if (act !== undefined) return report(door, id, call, act === 'exit')
  if (!requireMethod(call, 'GET')) return
  await turnOf(door, call, async () => undefined)
  replyAnswer(call, await waitForAnswer(door, id, call))
}

/** Does the work of a request when it is its turn. */
function turnOf<T>(
  { inTurn }: Door,
  { response }: GuardCall,
  work: () => Promise<T>,
  bytes = 0,
): Promise<T> {
  const done = inTurn(async () => {
    if (response.destroyed)
      throw new Fault('not.possible', 'the agent disconnected before its turn')
    return work()
  }, bytes)
  if (done === undefined)
    throw new Busy('too many questions of this agent wait for their turn already', 1)
  return done
}

async function ask(door: Door, call: GuardCall): Promise<void> {
  if (!requireMethod(call, 'POST')) return
  const body = await bodyOf(door, call)
  const parse = (): Question =>
    call.path === '/v1/exec' ? parseCommand(body, call.query) : parseQuestion(body)
  const work = async (): Promise<Answer> => door.guard.ask(door.agent, parse())
  const answer = await turnOf(door, call, work, body.length)
  replyAnswer(call, answer.pending ? await waitForAnswer(door, answer.id, call, answer) : answer)
}

/** Reads the body of a request that will be journalled, within the agent's limit. */
async function bodyOf(
  { limits, journalBytes }: Door,
  { request, proof }: GuardCall,
): Promise<string> {
  const body = await readBody(request, { maxBytes: limits.bodyBytes, timeoutMs: limits.bodyMs })
  proof?.check(body)
  const wait = journalBytes.take(limits.overheadBytes + body.length + (request.url?.length ?? 0))
  if (wait > 0) throw new Busy('this agent writes too much to the journal', wait)
  return body
}

async function whoami(door: Door, call: GuardCall): Promise<void> {
  if (!requireMethod(call, 'GET')) return
  const who = await turnOf(door, call, async () => door.guard.whoami(door.agent))
  reply(
    call,
    200,
    call.text
      ? `agent ${who.agent}\ntemplate ${who.template}\nguard ${who.guard}\n`
      : JSON.stringify(who),
  )
}

async function report(door: Door, id: string, call: GuardCall, byExit: boolean): Promise<void> {
  if (!requireMethod(call, 'POST')) return
  const body = await bodyOf(door, call)
  await turnOf(door, call, async () => {
    const outcome = byExit ? parseExitCode(call.query.get('code')) : parseOutcome(body)
    await door.guard.report(door.agent, id, outcome)
  })
  reply(call, 200, call.text ? 'ok\n' : '{"ok":true}')
}

/**
 * Waits for the decision, for at most as long as the request asks. Returns the answer as it is
 * then. `current` is the answer so far, if it is known.
 */
async function waitForAnswer(
  { guard, agent, limits }: Door,
  id: string,
  { query, response }: GuardCall,
  current?: Answer,
): Promise<Answer> {
  const seconds = Number(query.get('wait') ?? 0)
  const ms =
    Math.min(Math.max(Number.isFinite(seconds) ? seconds : 0, 0), limits.maxWaitSeconds) * 1000
  if (current !== undefined && ms === 0) return current
  const disconnected = new AbortController()
  const onClose = () => disconnected.abort()
  response.once('close', onClose)
  try {
    return await guard.wait(agent, id, ms, disconnected.signal)
  } finally {
    response.off('close', onClose)
  }
}

const NO_QUERY = new URLSearchParams()

function callOf(request: IncomingMessage, response: ServerResponse, proof?: Proof): GuardCall {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const path = proof?.path ?? (mark < 0 ? url : url.slice(0, mark))
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1))
  return {
    method: request.method ?? 'GET',
    path,
    query,
    request,
    response,
    proof,
    text: path.startsWith('/v1/exec') || query.get('as') === 'text',
  }
}

/** Answers a request with another method, and returns false. */
function requireMethod(call: GuardCall, method: string): boolean {
  if (call.method === method) return true
  call.response.setHeader('allow', method)
  replyRefusal(call, new Fault('usage', `this address accepts ${method}, not ${call.method}`), 405)
  return false
}

const STATUS: Partial<Record<FaultCode, number>> = {
  'input.invalid': 400,
  'approval.unknown': 404,
  'not.found': 404,
  'not.possible': 409,
  refused: 403,
}

function fail(door: Door, call: GuardCall, thrown: unknown): void {
  if (thrown instanceof Busy) {
    door.guard.refused(door.agent, thrown.message, 'questions')
    replyBusy(call, thrown)
    return
  }
  if (thrown instanceof BodyTooLarge) {
    call.response.setHeader('connection', 'close')
    replyRefusal(
      call,
      new Fault('input.invalid', `the body is larger than ${door.limits.bodyBytes / 1024} KiB`, {
        hint: 'Put long content into a file, and name the file.',
      }),
      413,
    )
    return
  }
  const fault = asFault(thrown)
  // The message of a defect is for the operator's log, not for a pod.
  if (fault.code === 'bug')
    replyRefusal(
      call,
      new Fault('bug', 'clawdeck could not decide because of an error, so this is denied', {
        hint: 'The operator finds the cause with `clawdeck supervisor logs`.',
      }),
      500,
    )
  else replyRefusal(call, fault, STATUS[fault.code] ?? 503)
}
