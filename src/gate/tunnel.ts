import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { http } from '../base/http.ts'
import { readAuthority, readHost, tunnelText } from '../domain/egress/matching/target.ts'
import type { EgressPass, EgressRefusal } from '../domain/egress/types.ts'
import {
  decided,
  podPort,
  whyOtherHost,
  type GateContext,
  type Tunnel,
  type Where,
} from './context.ts'
import { dial } from './dial.ts'
import { EarlyBytes } from './early-bytes.ts'
import { SocketMeter } from './meter.ts'
import { unreadable, mismatch, refuseSocket } from './refusals.ts'
import { servePlain } from './plain-tunnel.ts'
import { readHello } from './tls-hello.ts'

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n'
const LONGEST_METHOD = 20

/** Answers CONNECT: decides, connects, and then carries bytes both ways. */
export async function openTunnel(
  context: GateContext,
  { request, client, head }: { request: IncomingMessage; client: Socket; head: Buffer },
): Promise<void> {
  const { judge, limits } = context
  client.on('error', () => client.destroy())
  const where = readAuthority(request.url ?? '')
  const refused = (refusal: EgressRefusal, text: string) => {
    judge.refused(text, refusal, 'problem' in where ? undefined : where)
    refuseSocket(client, refusal)
  }
  if ('problem' in where) return refused(unreadable(where.problem), '')
  const text = tunnelText(where)
  const why = whyOtherHost(request, where, { defaultPort: where.port, isRequired: false })
  if (why !== undefined) return refused(mismatch(why), text)

  const early = new EarlyBytes(client, head, limits.helloBytes)
  const { signal } = early
  const target = { ...where, method: undefined, path: undefined }
  const answer = await decided(context, { target, text, from: podPort(client) }, signal)
  if (client.destroyed) return
  if ('refusal' in answer) return refuseSocket(client, answer.refusal)
  const dialled = await dial(where, { judge, limits, signal })
  if ('refusal' in dialled) return refused(dialled.refusal, text)
  const { socket: server } = dialled
  if (client.destroyed || early.isOver) {
    server.destroy()
    client.destroy()
    return
  }
  const tunnel = begin(context, { ...where, client, server }, { text, pass: answer.pass })
  early.read((bytes, isAll) => look(context, tunnel, { bytes, isAll }), {
    ms: limits.helloMs,
    late: tunnel.flow.cut,
  })
}

/** Begins to carry what the server says: those of mail and SSH speak first. */
function begin(
  { flows }: GateContext,
  { client, server, ...where }: Where & { client: Socket; server: Socket },
  { text, pass }: { text: string; pass: EgressPass },
): Tunnel {
  const cut = () => {
    client.destroy()
    server.destroy()
  }
  const meter = new SocketMeter()
  meter.add(server)
  const flow = flows.begin({
    ...where,
    text,
    pass,
    cut,
    kind: 'tunnel',
    meter: () => meter.read(),
  })
  const tunnel: Tunnel = { ...where, client, server, flow, meter, isSpliced: true }
  if (pass.maxBytes !== Infinity) server.on('data', () => flows.check(flow))
  const ended = (other: Socket) => {
    // What was received is still handed over.
    if (tunnel.isSpliced) other.destroySoon()
    if (client.destroyed && (server.destroyed || !tunnel.isSpliced)) flows.end(flow)
  }
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => tunnel.isSpliced && cut())
    socket.once('end', () => {
      flow.isHalfOpen = true
    })
    socket.once('close', () => ended(other))
  }
  client.write(ESTABLISHED)
  server.pipe(client)
  return tunnel
}

/** Looks at the first bytes of the pod. Returns whether more of them have to be there. */
function look(
  context: GateContext,
  tunnel: Tunnel,
  { bytes, isAll }: { bytes: Buffer; isAll: boolean },
): 'more' | 'done' {
  const { client, server, flow } = tunnel
  const hello = readHello(bytes)
  if (hello.kind === 'more' && !isAll) return 'more'
  const why = hello.kind === 'other' ? undefined : whyNotHello(hello, tunnel)
  if (why !== undefined) {
    context.judge.refused(flow.text, mismatch(why), tunnel)
    flow.cut()
    return 'done'
  }
  const plain = hello.kind === 'other' && server.bytesRead === 0 ? httpStart(bytes) : 'no'
  if (plain === 'perhaps' && !isAll) return 'more'
  if (plain === 'yes') {
    server.unpipe(client)
    tunnel.isSpliced = false
    servePlain(context, tunnel, bytes)
    return 'done'
  }
  server.write(bytes)
  client.pipe(server)
  return 'done'
}

/** Whether it begins as a plain request does. HTTP/2 is carried as it is, like anything else. */
function httpStart(bytes: Buffer): 'yes' | 'no' | 'perhaps' {
  const text = bytes.toString('latin1', 0, LONGEST_METHOD)
  const space = text.indexOf(' ')
  const word = space < 0 ? text : text.slice(0, space)
  if (space >= 0) return http().METHODS.includes(word) ? 'yes' : 'no'
  return http().METHODS.some((method) => method.startsWith(word)) ? 'perhaps' : 'no'
}

/** Why what a client says first does not belong into this tunnel; undefined if it does. */
function whyNotHello(hello: ReturnType<typeof readHello>, { host }: Where): string | undefined {
  if (hello.kind !== 'hello') return 'the beginning of TLS in the tunnel cannot be read'
  if (hello.serverName === undefined) return undefined
  const named = readHost(hello.serverName)
  if (!('problem' in named) && named.host === host) return undefined
  return 'TLS in the tunnel names another server than was asked for'
}
