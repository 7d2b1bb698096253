import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { createAdaptorServer, getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import type { Clock } from '../../base/clock.ts'
import { Reply, type ApiCaller, type Endpoint } from '../../commands/api/endpoint.ts'
import { openApi } from '../../commands/api/openapi.ts'
import type { Caller } from '../../commands/act.ts'
import type { OrgService } from '../../domain/governance/orgs/types.ts'
import { BodyTooLarge, readBody } from '../../wire/body.ts'
import { keyHolder, ownInput, podAgent, type Visitor } from './callers.ts'
import { errorReply, faultReply } from './errors.ts'
import { inputOf } from './input.ts'
import { apiPage } from './pages.ts'
import { RateLimits } from './rate-limits.ts'

const MAX_BODY = 2 << 20
const HEADERS_MS = 10_000
const UNREAD: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}
const REQUEST_MS = 60_000

export interface ApiDoorParts {
  endpoints: readonly Endpoint[]
  execute: (act: string, input: unknown, caller: Caller) => unknown
  orgs: Pick<OrgService, 'withSecret' | 'used' | 'get'>
  /** Does work for a key when it is its turn; undefined if too much waits already. */
  inTurn: (key: string, work: () => Promise<Reply>, bytes: number) => Promise<Reply> | undefined
  clock: Clock
  /** Requests of one key within a minute; 0 for no limit. */
  requestsPerMinute: number
  version: string
  /** Where people and clients reach the API. */
  baseUrl: () => string
  log: (what: string) => void
  /** Without it, plain HTTP. */
  tls?: { key: string; cert: string }
}

interface Env {
  Bindings: HttpBindings & { visitor?: Visitor }
}

/** The governance API: a server for those who have a key, and what answers agents in pods. */
export interface ApiDoor {
  server: Server
  /** Answers requests of an agent that its pod's door knows. */
  beside: (agent: string) => RequestListener
}

export function apiDoor(parts: ApiDoorParts): ApiDoor {
  const app = apiApp(parts)
  const { tls } = parts
  const serverOptions = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, ...tls }
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer: (tls === undefined ? createServer : createTlsServer) as typeof createServer,
    serverOptions,
  }) as Server
  server.on('clientError', refuseUnread)
  return {
    server,
    beside(agent) {
      const visitor = podAgent(agent)
      return getRequestListener((request, env) => app.fetch(request, { ...env, visitor }))
    },
  }
}

function apiApp(parts: ApiDoorParts): Hono<Env> {
  const { endpoints, log } = parts
  const app = new Hono<Env>({ strict: true })
  const limits = new RateLimits(parts.clock, parts.requestsPerMinute)
  openPlaces(app, parts)
  for (const row of inOrder(endpoints))
    app.on(row.method, `/api${row.path}`, async (c) =>
      sent(await answer(parts, limits, { row, c })),
    )
  app.notFound(() => sent(errorReply(404, 'Not found')))
  app.onError((thrown) => sent(faultReply(thrown, undefined, log)))
  return app
}

/** What Node itself cannot read is refused as JSON too. */
function refuseUnread(thrown: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable) return
  const status = UNREAD[thrown.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({ error: status.slice(4) })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** What is told without a key: nothing that the deck knows. */
function openPlaces(app: Hono<Env>, { endpoints, version, baseUrl }: ApiDoorParts): void {
  let description: string | undefined
  const json = { 'content-type': 'application/json' }
  app.get('/api/health', () => sent(new Reply(200, { status: 'healthy', version })))
  app.get('/api/openapi.json', () => {
    description ??= JSON.stringify(openApi(endpoints, { version, url: baseUrl() }))
    return sent(new Reply(200, description, json))
  })
  for (const kind of ['pair', 'replay'] as const)
    app.get(`/${kind}/:id`, (c) => sent(apiPage(kind, c.req.param('id'), baseUrl())))
}

/** Addresses without names first: `/actions/stats` before `/actions/:id`. */
function inOrder(routes: readonly Endpoint[]): Endpoint[] {
  const shape = ({ path }: Endpoint) => path.replace(/:[^/]+/g, '~')
  return routes.toSorted((a, b) => (shape(a) < shape(b) ? -1 : 1))
}

async function answer(
  parts: ApiDoorParts,
  limits: RateLimits,
  { row, c }: { row: Endpoint; c: Context<Env> },
): Promise<Reply> {
  const visitor = c.env.visitor ?? keyHolder(parts.orgs, c.env.incoming)
  if (visitor === undefined)
    return errorReply(401, 'A valid API key is needed in the header x-api-key', {
      hint: 'Make one with `clawdeck keys create`.',
    })
  const wait = limits.take(visitor.name)
  if (wait > 0)
    return new Reply(429, { error: 'Too many requests' }, { 'retry-after': String(wait) })
  if (visitor.key !== undefined) parts.orgs.used(visitor.key)
  let input: Record<string, unknown> | undefined
  try {
    const raw = await bodyOf(row, c)
    const work = async () => {
      input = ownInput(inputFrom(c, raw), visitor.tenant.agentId)
      const done = await parts.execute(row.act.id, input, callerFrom(visitor, c, raw))
      return done instanceof Reply ? done : new Reply(row.status, done as object)
    }
    const turn = parts.inTurn(visitor.name, work, raw.length)
    return (
      (await turn) ?? new Reply(429, { error: 'Too many requests at once' }, { 'retry-after': '1' })
    )
  } catch (thrown) {
    // The server reads on for a while, so that the client hears of it.
    if (thrown instanceof BodyTooLarge) return errorReply(413, 'The body is too large')
    return faultReply(thrown, input, parts.log)
  }
}

/**
 * The body, read from the connection itself: a `Request` of the Fetch standard that has one costs
 * as much as all else of a request together.
 */
async function bodyOf({ method, maxBytes = MAX_BODY }: Endpoint, c: Context<Env>): Promise<string> {
  return method === 'GET' ? '' : readBody(c.env.incoming, { maxBytes })
}

function inputFrom(c: Context<Env>, raw: string): Record<string, unknown> {
  const mark = c.req.url.indexOf('?')
  const query = mark < 0 ? NO_QUERY : new URL(c.req.url).searchParams
  return { ...inputOf(query, raw, c.req.param()), ...cursorOf(c) }
}

const NO_QUERY = new URLSearchParams()

function callerFrom(visitor: Visitor, c: Context<Env>, raw: string): ApiCaller {
  return {
    ...visitor.as,
    tenant: { ...visitor.tenant, raw },
    // Few look at it, and it is only made for them.
    get signal() {
      return c.req.raw.signal
    },
  }
}

/** Where a client of the stream resumes. */
function cursorOf(c: Context): { last_event_id?: string } {
  const cursor = c.req.header('last-event-id')
  return cursor === undefined ? {} : { last_event_id: cursor }
}

function sent({ status, body, headers }: Reply): Response {
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream)
    return new Response(body as ReadableStream<Uint8Array>, { status, headers })
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}
