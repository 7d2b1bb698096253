import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../../base/clock.ts'
import { Reply, type ApiCaller, type Endpoint } from '../../commands/api/endpoint.ts'
import type { Caller } from '../../commands/act.ts'
import type { ApiKey, OrgService } from '../../domain/governance/orgs/types.ts'
import { keyActor } from '../../domain/governance/orgs/rules.ts'
import { errorReply, faultReply } from './errors.ts'
import { inputOf } from './input.ts'
import { RateLimits } from './rate-limits.ts'

const MAX_BODY = 2 << 20
const HEADERS_MS = 10_000
const REQUEST_MS = 60_000

export interface ApiDoorParts {
  routes: readonly Endpoint[]
  execute: (act: string, input: unknown, caller: Caller) => unknown
  orgs: Pick<OrgService, 'withSecret' | 'used' | 'get'>
  /** Does work for a key when it is its turn; undefined if too much waits already. */
  inTurn: (key: string, work: () => Promise<Reply>, bytes: number) => Promise<Reply> | undefined
  clock: Clock
  /** Requests of one key within a minute; 0 for no limit. */
  requestsPerMinute: number
  version: string
  log: (what: string) => void
  /** Without it, plain HTTP. */
  tls?: { key: string; cert: string }
}

interface Env {
  Bindings: HttpBindings
}

/** The server of the governance API. Who calls is known by the key. */
export function apiDoor(parts: ApiDoorParts): Server {
  const { routes, version, tls, log } = parts
  const app = new Hono<Env>({ strict: true })
  const limits = new RateLimits(parts.clock, parts.requestsPerMinute)
  app.get('/api/health', () => sent(new Reply(200, { status: 'healthy', version })))
  for (const route of inOrder(routes))
    app.on(
      route.method,
      `/api${route.path}`,
      bodyLimit({
        maxSize: route.maxBytes ?? MAX_BODY,
        onError: () => sent(errorReply(413, 'The body is too large')),
      }),
      async (c) => sent(await answer(parts, limits, { route, c })),
    )
  app.notFound(() => sent(errorReply(404, 'Not found')))
  app.onError((thrown) => sent(faultReply(thrown, undefined, log)))
  const timeouts = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }
  return (
    tls === undefined
      ? createAdaptorServer({ fetch: app.fetch, createServer, serverOptions: timeouts })
      : createAdaptorServer({
          fetch: app.fetch,
          createServer: createTlsServer,
          serverOptions: { ...timeouts, ...tls },
        })
  ) as Server
}

/** Addresses without names first: `/actions/stats` before `/actions/:id`. */
function inOrder(routes: readonly Endpoint[]): Endpoint[] {
  const shape = ({ path }: Endpoint) => path.replace(/:[^/]+/g, '~')
  return routes.toSorted((a, b) => (shape(a) < shape(b) ? -1 : 1))
}

async function answer(
  parts: ApiDoorParts,
  limits: RateLimits,
  { route, c }: { route: Endpoint; c: Context<Env> },
): Promise<Reply> {
  const key = keyOf(parts, c)
  if (key === undefined)
    return errorReply(401, 'A valid API key is needed in the header x-api-key', {
      hint: 'Make one with `clawdeck keys create`.',
    })
  const wait = limits.take(key.id)
  if (wait > 0)
    return new Reply(429, { error: 'Too many requests' }, { 'retry-after': String(wait) })
  parts.orgs.used(key)
  const raw = c.req.method === 'GET' ? '' : await c.req.text()
  let input: unknown
  const work = async () => {
    input = { ...inputOf(new URL(c.req.url).searchParams, raw, c.req.param()), ...cursorOf(c) }
    const given = await parts.execute(route.act.id, input, callerOf(parts, key, { c, raw }))
    return given instanceof Reply ? given : new Reply(route.status, given as object)
  }
  try {
    const turn = parts.inTurn(key.id, work, raw.length)
    return (
      (await turn) ?? new Reply(429, { error: 'Too many requests at once' }, { 'retry-after': '1' })
    )
  } catch (thrown) {
    return faultReply(thrown, input, parts.log)
  }
}

/** Where a client of the stream resumes. */
function cursorOf(c: Context): { last_event_id?: string } {
  const cursor = c.req.header('last-event-id')
  return cursor === undefined ? {} : { last_event_id: cursor }
}

/** The key that a request carries: in the header, never in the address. */
function keyOf({ orgs }: ApiDoorParts, c: Context): ApiKey | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const secret = c.req.header('x-api-key') ?? bearer
  return secret === undefined ? undefined : orgs.withSecret(secret)
}

function callerOf(
  { orgs }: ApiDoorParts,
  { id, org, role }: ApiKey,
  { c, raw }: { c: Context<Env>; raw: string },
): ApiCaller {
  return {
    actor: keyActor(id),
    door: 'api',
    role,
    tenant: { org, slug: orgs.get(org).slug, key: id, raw },
    signal: c.req.raw.signal,
  }
}

function sent({ status, body, headers }: Reply): Response {
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream)
    return new Response(body as ReadableStream<Uint8Array>, { status, headers })
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}
