import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { Guard } from '../../domain/approvals/guard.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import { BodyTooLarge, LARGEST_BODY, readBody } from './body.ts'
import { commandOf, outcomeOf, outcomeOfExit, questionOf } from './guard-input.ts'
import { answerJson, answerText, denialJson, denialText } from './guard-output.ts'

/** What one agent may hold open and have under way at once; more is denied. */
export const DOOR_LIMITS = { connections: 128, inFlight: 256, headerBytes: 8192, idleMs: 120_000, longestWaitSeconds: 60 } as const

interface Call { method: string; path: string; query: URLSearchParams; request: IncomingMessage; response: ServerResponse; text: boolean }

/**
 * The guard door of one agent, protocol v1. It can listen, or be handed accepted sockets: `emit('connection', socket)`.
 * Who asks is which door this is. Whatever goes wrong here denies, and says why.
 */
export function guardDoor(guard: Guard, agent: string): Server {
  let inFlight = 0
  const server = http().createServer({ maxHeaderSize: DOOR_LIMITS.headerBytes, keepAliveTimeout: DOOR_LIMITS.idleMs }, (request, response) => {
    const call = callOf(request, response)
    if (inFlight >= DOOR_LIMITS.inFlight) { refuse(call, new Fault('not.possible', `${inFlight} questions of this agent are under way already`, { hint: 'Wait for their answers first.' }), 429); return }
    inFlight++
    response.once('close', () => { inFlight-- })
    serve(guard, agent, call).catch((thrown: unknown) => fail(call, thrown))
  })
  server.maxHeadersCount = 64
  server.timeout = DOOR_LIMITS.idleMs
  server.on('clientError', (error: Error, socket: Socket) => answerBroken(error, socket))
  limitConnections(server)
  return server
}

async function serve(guard: Guard, agent: string, call: Call): Promise<void> {
  const { path } = call
  if (path === '/v1/ask' || path === '/v1/exec') return ask(guard, agent, call)
  if (path === '/v1/whoami') return whoami(guard, agent, call)
  const [, id, act] = /^\/v1\/(?:asks|exec)\/([A-Za-z0-9_-]{1,64})(?:\/(outcome|exit))?$/.exec(path) ?? []
  if (id === undefined) throw new Fault('not.found', 'there is nothing at this address', { hint: 'POST /v1/ask, GET /v1/asks/<id>, POST /v1/asks/<id>/outcome, GET /v1/whoami.' })
  if (act !== undefined) return report(guard, agent, id, call, act === 'exit')
  if (takes(call, 'GET')) sendAnswer(call, await waited(guard, agent, id, call))
}

async function ask(guard: Guard, agent: string, call: Call): Promise<void> {
  if (!takes(call, 'POST')) return
  const body = await readBody(call.request)
  const answer = await guard.ask(agent, call.path === '/v1/exec' ? commandOf(body, call.query) : questionOf(body))
  sendAnswer(call, answer.pending ? await waited(guard, agent, answer.id, call, answer) : answer)
}

async function whoami(guard: Guard, agent: string, call: Call): Promise<void> {
  if (!takes(call, 'GET')) return
  const who = guard.whoami(agent)
  send(call, 200, call.text ? `agent ${who.agent}\ntemplate ${who.template}\nguard ${who.guard}\n` : JSON.stringify(who))
}

async function report(guard: Guard, agent: string, id: string, call: Call, byExit: boolean): Promise<void> {
  if (!takes(call, 'POST')) return
  const outcome = byExit ? outcomeOfExit(call.query.get('code')) : outcomeOf(await readBody(call.request))
  await guard.report(agent, id, outcome)
  send(call, 200, call.text ? 'ok\n' : '{"ok":true}')
}

/** The answer when it is there, as it stands after the asked wait, or whenever the one who waits goes away. */
async function waited(guard: Guard, agent: string, id: string, { query, response }: Call, soFar?: Answer): Promise<Answer> {
  const seconds = Number(query.get('wait') ?? 0)
  const ms = Math.min(Math.max(Number.isFinite(seconds) ? seconds : 0, 0), DOOR_LIMITS.longestWaitSeconds) * 1000
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
  return { method: request.method ?? 'GET', path, query, request, response, text: path.startsWith('/v1/exec') || query.get('as') === 'text' }
}

function takes(call: Call, method: string): boolean {
  if (call.method === method) return true
  call.response.setHeader('allow', method)
  refuse(call, new Fault('usage', `this address takes ${method}, not ${call.method}`), 405)
  return false
}

const STATUS: Partial<Record<FaultCode, number>> = { 'input.invalid': 400, 'approval.unknown': 404, 'not.found': 404, 'not.possible': 409, 'refused': 403 }

function fail(call: Call, thrown: unknown): void {
  if (thrown instanceof BodyTooLarge) {
    call.response.setHeader('connection', 'close')
    refuse(call, new Fault('input.invalid', `the body is larger than ${LARGEST_BODY / 1024} KiB`, { hint: 'Put what is long into a file, and ask for that.' }), 413)
    return
  }
  const fault = asFault(thrown)
  // A defect's own words are for the operator's log, not for a pod.
  if (fault.code === 'bug') refuse(call, new Fault('bug', 'the deck could not decide, so this is denied', { hint: 'The operator finds the cause in `clawdeck supervisor logs`.' }), 500)
  else refuse(call, fault, STATUS[fault.code] ?? 503)
}

/** Shell clients see no body but that of a 200: to them a refusal is an answer, and only a deck that may come back is an error. */
function refuse(call: Call, fault: Fault, status: number): void {
  if (!call.request.complete) call.response.setHeader('connection', 'close')
  if (call.text) send(call, status >= 500 ? status : 200, denialText(fault))
  else send(call, status, denialJson(fault))
}

function sendAnswer(call: Call, answer: Answer): void {
  send(call, 200, call.text ? answerText(answer) : answerJson(answer))
}

function send({ response, text }: Call, status: number, body: string): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { 'content-type': text ? 'text/plain; charset=utf-8' : 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function answerBroken(error: Error, socket: Socket): void {
  if (!socket.writable) { socket.destroy(); return }
  const tooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
  const body = denialJson(new Fault('input.invalid', tooLarge ? `the headers are larger than ${DOOR_LIMITS.headerBytes / 1024} KiB` : 'this is not HTTP', { hint: 'Send plain HTTP/1.1.' }))
  socket.end(`HTTP/1.1 ${tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** Counted here, because a server that is handed its sockets neither counts nor closes them. */
function limitConnections(server: Server): void {
  const open = new Set<Socket>()
  const take = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (open.size >= DOOR_LIMITS.connections) {
      const body = denialJson(new Fault('not.possible', `this agent holds ${open.size} connections already`, { hint: 'Close some, or keep them alive and use them again.' }))
      socket.on('error', () => socket.destroy())
      socket.end(`HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      return
    }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    for (const listener of take) listener.call(server, socket)
  })
  server.closeAllConnections = () => { for (const socket of open) socket.destroy() }
}
