import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it was on the wire. */
export interface WireRequest {
  method: string
  path: string
  query: Record<string, string>
  body: Record<string, unknown> | undefined
  headers: IncomingMessage['headers']
}

/** An answer that a test prescribes for the next request. */
export interface PrescribedAnswer {
  status?: number
  headers?: Record<string, string>
  /** An object becomes JSON; a text is sent as it is. */
  body?: unknown
  /** Never answers. */
  silent?: true
}

interface StandInAction extends Record<string, unknown> {
  action_id: string
  status: string
}

const VERDICTS: Record<string, string> = {
  held: 'require_approval',
  forbidden: 'block',
  risky: 'warn',
}

/**
 * A server that answers on loopback as the governance API does: actions of the type `held` wait for a decision, those
 * of the type `forbidden` are blocked, and the event stream resumes by cursor.
 */
export class ApiStandIn {
  readonly requests: WireRequest[] = []
  /** `false` answers 404, as a server without a stream does. */
  hasStream = true
  readonly #server: Server
  readonly #actions = new Map<string, StandInAction>()
  readonly #prescribed: PrescribedAnswer[] = []
  readonly #streams = new Set<ServerResponse>()
  readonly #events: string[] = []

  static async start(): Promise<ApiStandIn> {
    const standIn = new ApiStandIn()
    standIn.#server.listen(0, '127.0.0.1')
    await once(standIn.#server, 'listening')
    return standIn
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many connections hear the stream. */
  get listeners(): number {
    return this.#streams.size
  }

  /** What the next requests are answered, in this order, whatever they ask. The stream is not meant. */
  prescribe(...answers: PrescribedAnswer[]): void {
    this.#prescribed.push(...answers)
  }

  /** Requests of a method and path. */
  sent(method: string, path: string): WireRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === path)
  }

  decide(actionId: string, changes: Record<string, unknown>): void {
    const action = this.#actions.get(actionId)
    if (action === undefined) throw new Error(`no action ${actionId}`)
    Object.assign(action, changes)
    this.emit('action.updated', action)
  }

  allow(actionId: string, changes: Record<string, unknown> = {}): void {
    this.decide(actionId, { status: 'running', approved_by: 'ada', ...changes })
  }

  deny(actionId: string, reason: string): void {
    this.decide(actionId, { status: 'failed', error_message: reason })
  }

  emit(event: string, data: unknown): void {
    const frame = `id: ${this.#events.length + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.#events.push(frame)
    for (const stream of this.#streams) stream.write(frame)
  }

  /** Ends every connection of the stream, as a network that fails does. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const text = await textOf(request)
    const seen: WireRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
      headers: request.headers,
    }
    this.requests.push(seen)
    if (seen.path === '/api/stream' && this.hasStream) return this.#stream(seen, response)
    const { status = 200, headers, body, silent } = this.#prescribed.shift() ?? this.#reply(seen)
    if (silent === true) return
    const json = typeof body !== 'string'
    response.writeHead(status, {
      'content-type': json ? 'application/json' : 'text/html',
      ...headers,
    })
    response.end(json ? JSON.stringify(body ?? {}) : body)
  }

  #stream(request: WireRequest, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const since = request.headers['last-event-id'] ?? request.query['lastEventId']
    if (typeof since === 'string')
      for (const frame of this.#events.slice(Number(since))) response.write(frame)
    response.write(': hello\n\nevent: connected\ndata: {"status":"ok"}\n\n')
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }

  #reply(request: WireRequest): PrescribedAnswer {
    const { method, path, body = {} } = request
    if (path === '/api/guard' && method === 'POST') return { body: guardAnswer(body) }
    if (path === '/api/actions' && method === 'POST') return this.#create(body)
    const [, id = ''] = /^\/api\/actions\/([^/]+)$/.exec(path) ?? []
    const action = this.#actions.get(id)
    if (action === undefined) return path === '/api/stream' ? notFound() : { body: { ok: true } }
    if (method === 'GET') return { body: { action, open_loops: [], assumptions: [] } }
    if (action.status === 'pending_approval')
      return { status: 409, body: { error: 'The action waits for approval' } }
    return { body: { action: Object.assign(action, body) } }
  }

  #create(body: Record<string, unknown>): PrescribedAnswer {
    const action_id =
      typeof body['action_id'] === 'string' ? body['action_id'] : `act_${this.#actions.size + 1}`
    if (this.#actions.has(action_id)) return { status: 409, body: { error: 'Duplicate action_id' } }
    const decision = guardAnswer(body)
    const states: Record<string, string> = {
      require_approval: 'pending_approval',
      block: 'blocked',
    }
    const action = { ...body, action_id, status: states[decision.decision] ?? 'running' }
    this.#actions.set(action_id, action)
    if (decision.decision === 'block')
      return { status: 403, body: { error: 'Blocked by policy', action, decision } }
    return {
      status: decision.decision === 'require_approval' ? 202 : 201,
      body: { action, action_id, decision, security: { clean: true } },
    }
  }
}

function guardAnswer(body: Record<string, unknown>) {
  const decision = VERDICTS[String(body['action_type'])] ?? 'allow'
  const reasons = decision === 'allow' ? [] : [`${String(body['action_type'])} is not free`]
  return {
    decision,
    action_id: 'act_gd_1',
    reason: reasons[0] ?? null,
    reasons,
    warnings: [],
    matched_policies: reasons.map(() => 'gp_1'),
    signals: [],
    risk_score: 42,
    agent_risk_score: null,
    evaluated_at: '2030-01-01T00:00:00.000Z',
  }
}

function notFound(): PrescribedAnswer {
  return { status: 404, body: { error: 'Not found' } }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
