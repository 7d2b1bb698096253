import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { readAbsoluteUrl, requestText, type ReadRequest } from '../domain/egress/matching/target.ts'
import type { EgressRefusal } from '../domain/egress/types.ts'
import { limitConnections } from '../wire/limit-connections.ts'
import { rawResponse } from '../wire/raw-response.ts'
import { decided, podPort, whyOtherHost, type GateContext } from './context.ts'
import { KeptConnections } from './dialling-agent.ts'
import { Flows } from './flows.ts'
import { forward, type Asker, type Outgoing } from './forward.ts'
import { unreadable, mismatch, refuse, refuseSocket } from './refusals.ts'
import { strictServer } from './strict-server.ts'
import { openTunnel } from './tunnel.ts'
import { GATE_LIMITS, type GateJudge, type GateLimits } from './types.ts'

interface GateOptions {
  agent: string
  judge: GateJudge
  now: () => number
  limits?: GateLimits
  /** Connections that may be open now, when so many are, if fewer than the limit. */
  mostConnections?: (open: number) => number
}

/** The only way out of a pod: an HTTP proxy that lets through what its judge passes. */
export interface Gate {
  /** It is passed accepted sockets with `emit('connection', socket)`. */
  server: Server
  flows: Flows
  /** Forgets connections that wait for a next request: the next one is dialled anew. */
  dropIdle(): void
  close(): void
}

export function openGate({
  agent,
  judge,
  now,
  limits = GATE_LIMITS,
  mostConnections = () => Infinity,
}: GateOptions): Gate {
  const flows = new Flows({
    agent,
    now,
    sweepMs: limits.sweepMs,
    idleMs: limits.tunnelIdleMs,
    halfOpenMs: limits.halfOpenMs,
    tooMuch: ({ text, host, port }) => judge.refused(text, TOO_MUCH, { host, port }),
  })
  const context: GateContext = { judge, limits, flows, waiting: { now: 0 } }
  const kept = new KeptConnections(context)
  const server = strictServer(limits)
  const plain = (request: IncomingMessage, asker: Asker) =>
    void answer(context, request, { ...asker, agent: kept.agent })
  server.on('request', (request, response) => plain(request, { response, upgraded: undefined }))
  server.on('upgrade', (request, socket, head) => {
    plain(request, { response: undefined, upgraded: { socket: socket as Socket, head } })
  })
  server.on('connect', (request, client, head) => {
    void openTunnel(context, { request, client: client as Socket, head })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refusal = unreadable(`the request cannot be read (${error.code ?? 'error'})`)
    if (error.code !== 'ECONNRESET') judge.refused('', refusal)
    refuseSocket(socket as Socket, refusal)
  })
  limitConnections(server, limits, {
    most: (open) => Math.min(limits.connections, mostConnections(open)),
    refusal: (open) => rawResponse('503 Service Unavailable', tooMany(open)),
  })
  return {
    server,
    flows,
    dropIdle: () => kept.forget(),
    close() {
      server.closeAllConnections()
      flows.cut(() => true)
      kept.forget()
    },
  }
}

const TOO_MUCH: EgressRefusal = {
  code: 'limit.size',
  reason: 'more was sent than the rule allows for one flow',
  next: 'Fetch less at a time, or ask an operator for a higher limit.',
}

function tooMany(open: number): string {
  const refusal: EgressRefusal = {
    code: 'busy',
    reason: `this agent has ${open} open connections already`,
    next: 'Close some, then try again.',
  }
  return JSON.stringify(refusal)
}

/** Answers a request with a whole address. */
async function answer(
  context: GateContext,
  request: IncomingMessage,
  to: Asker & Pick<Outgoing, 'agent'>,
): Promise<void> {
  const read = readRequest(request)
  if ('refusal' in read) {
    context.judge.refused('', read.refusal)
    refuse(to, read.refusal)
    return
  }
  const { text, host, port, path } = read
  const gone = new AbortController()
  const end = () => gone.abort()
  const asker = to.response ?? to.upgraded?.socket
  asker?.once('close', end)
  const target = { ...read, method: request.method }
  const asked = { target, text, from: podPort(request.socket) }
  const result = await decided(context, asked, gone.signal)
  asker?.off('close', end)
  if (asker?.destroyed === true) return
  if ('refusal' in result) refuse(to, result.refusal)
  else
    forward(context, {
      ...to,
      request,
      host,
      port,
      path,
      text,
      pass: result.pass,
      isInTunnel: false,
    })
}

/** What a request wants, or why that cannot be said. */
function readRequest(
  request: IncomingMessage,
): (ReadRequest & { text: string }) | { refusal: EgressRefusal } {
  const read = readAbsoluteUrl(request.url ?? '')
  if ('problem' in read) return { refusal: unreadable(read.problem) }
  const why = whyOtherHost(request, read, { defaultPort: 80, isRequired: true })
  if (why !== undefined) return { refusal: mismatch(why) }
  return { ...read, text: requestText(request.method ?? 'GET', read) }
}
