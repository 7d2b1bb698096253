import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { http } from '../base/http.ts'
import type { EgressPass, EgressRefusal } from '../domain/egress/types.ts'
import type { GateContext } from './context.ts'
import type { GateFlow } from './flows.ts'
import { endToEnd, isChunked } from './headers.ts'
import { refuse } from './refusals.ts'

/** Whoever is answered: a request, or the socket of one that wants another protocol. */
export interface Asker {
  response: ServerResponse | undefined
  upgraded: { socket: Socket; head: Buffer } | undefined
}

/** A request that may go out. */
export interface Outgoing extends Asker {
  request: IncomingMessage
  host: string
  port: number
  path: string
  text: string
  pass: EgressPass
  /** Has or makes the connection. */
  agent: Agent
  /** Whether a flow counts it already. */
  isInTunnel: boolean
}

/** Sends a request on, and its answer back. */
export function forward(context: GateContext, outgoing: Outgoing): void {
  const { request, response, host, port, path, agent, upgraded } = outgoing
  const headers = endToEnd(request)
  if (isChunked(request)) headers.push('transfer-encoding', 'chunked')
  if (upgraded !== undefined)
    headers.push('connection', 'upgrade', 'upgrade', request.headers.upgrade ?? '')
  const sent = http().request({
    agent,
    host,
    port,
    path,
    method: request.method ?? 'GET',
    headers,
    setHost: false,
  })
  const flow = outgoing.isInTunnel ? undefined : counted(context, outgoing, sent)
  const failed = (error: Error & { refusal?: EgressRefusal; code?: string }) => {
    const refusal = error.refusal ?? unreachable(outgoing, error.code)
    if (error.refusal !== undefined) context.judge.refused(outgoing.text, refusal, outgoing)
    sent.destroy()
    refuse(outgoing, refusal)
  }
  sent.on('error', failed)
  sent.on('response', (answer) => {
    if (response !== undefined) answerWith(response, answer)
    else failed(new Error('no other protocol'))
  })
  sent.on('upgrade', (answer, server, head) => {
    if (upgraded === undefined) sent.destroy()
    else switched(upgraded, { answer, server: server as Socket, head, flow })
  })
  const gone = response ?? upgraded?.socket
  gone?.once('close', () => {
    // An answer that was sent whole leaves the connection for the next request.
    if (response?.writableFinished !== true) sent.destroy()
    if (flow !== undefined && upgraded === undefined) context.flows.end(flow)
  })
  if (upgraded === undefined) request.pipe(sent)
  else sent.end()
}

function unreachable({ host, port }: Outgoing, code = 'the connection ended'): EgressRefusal {
  const reason = `${host}:${port} did not answer: ${code}`
  return { code: 'not.reachable', reason, next: 'Try again later.' }
}

/** A request as a flow of its own. Its connection may carry others before and after. */
function counted(context: GateContext, outgoing: Outgoing, sent: ClientRequest): GateFlow {
  const { text, host, port, pass, response, upgraded } = outgoing
  let socket: Socket | undefined
  let start = { up: 0, down: 0 }
  sent.once('socket', (used: Socket) => {
    socket = used
    start = { up: used.bytesWritten, down: used.bytesRead }
  })
  const flow = context.flows.begin({
    text,
    host,
    port,
    pass,
    kind: upgraded === undefined ? 'request' : 'tunnel',
    meter: () => ({
      up: (socket?.bytesWritten ?? 0) - start.up,
      down: (socket?.bytesRead ?? 0) - start.down,
    }),
    cut: () => {
      sent.destroy()
      response?.destroy()
      upgraded?.socket.destroy()
    },
  })
  upgraded?.socket.once('close', () => context.flows.end(flow))
  return flow
}

function answerWith(response: ServerResponse, answer: IncomingMessage): void {
  if (response.destroyed) {
    answer.destroy()
    return
  }
  response.sendDate = false
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer))
  answer.on('error', () => response.destroy())
  answer.on('aborted', () => response.destroy())
  answer.pipe(response)
}

/** From here on both sides speak another protocol, such as WebSocket. */
function switched(
  { socket: client, head: early }: { socket: Socket; head: Buffer },
  {
    answer,
    server,
    head,
    flow,
  }: { answer: IncomingMessage; server: Socket; head: Buffer; flow: GateFlow | undefined },
): void {
  const cut = () => {
    client.destroy()
    server.destroy()
  }
  for (const one of [client, server] as Duplex[]) {
    one.on('error', cut)
    one.once('close', cut)
    one.once('end', () => {
      if (flow !== undefined) flow.isHalfOpen = true
    })
  }
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`)
  client.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (head.length > 0) client.write(head)
  if (early.length > 0) server.write(early)
  server.pipe(client)
  client.pipe(server)
}
