import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * How much one agent may use at a time; more is denied. A question is written to the journal and to
 * two mirrors: it counts as its body and `overheadBytes`, and takes about four times as much disk
 * space.
 */
export const DOOR_LIMITS = {
  connections: 128,
  inFlight: 256,
  /** Requests on one connection before the first of them is answered. */
  pipelined: 16,
  /** How long an agent that sent more of them has no connections. */
  penaltyMs: 1000,
  headerBytes: 8192,
  bodyBytes: 64 * 1024,
  maxWaitSeconds: 60,
  idleMs: 120_000,
  headMs: 10_000,
  bodyMs: 10_000,
  sweepMs: 2000,
  overheadBytes: 1024,
  journalBytes: { burst: 160 << 20, perSecond: 1 << 20 },
  requests: { burst: 20_000, perSecond: 20_000 },
}

export type DoorLimits = typeof DOOR_LIMITS

/**
 * Refused connections that are sent a reason at a time, and as a share of those that may be open.
 * Others are closed without one.
 */
const MAX_REFUSALS = 16
const REFUSAL_SHARE = 1 / 8
const REFUSAL_TIMEOUT_MS = 500

type ConnectionLimits = Pick<
  DoorLimits,
  'headMs' | 'idleMs' | 'sweepMs' | 'pipelined' | 'penaltyMs'
>

interface Connection {
  /** The time by which the next request head must arrive. */
  due: number
  unanswered: number
}

/**
 * Limits the connections of a server and closes those that send too slowly. A server that is passed
 * its sockets does neither itself. A request head must arrive soon after the connection, or within
 * the idle time after the previous response. `most` says how many connections may be open now, and
 * `refusal` is the response to one more.
 *
 * Many requests in one packet are all parsed at once, which nothing can interrupt. An agent that
 * sends them loses all its connections for a while.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  { most, refusal }: { most: (open: number) => number; refusal: (open: number) => string },
): void {
  const open = new Map<Socket, Connection>()
  const refused = new Set<Socket>()
  let sweeper: NodeJS.Timeout | undefined
  let closedUntil = -Infinity
  const accept = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    const max = performance.now() < closedUntil ? 0 : most(open.size)
    if (open.size >= max) {
      if (refused.size < Math.min(MAX_REFUSALS, max * REFUSAL_SHARE))
        refuse(socket, refused, refusal(open.size))
      else socket.destroy()
      return
    }
    open.set(socket, { due: performance.now() + limits.headMs, unanswered: 0 })
    sweeper ??= setInterval(() => sweep(open), limits.sweepMs).unref()
    socket.once('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      clearInterval(sweeper)
      sweeper = undefined
    })
    for (const listener of accept) listener.call(server, socket)
  })
  server.prependListener('request', ({ socket }, response) => {
    const connection = open.get(socket)
    if (connection === undefined || socket.destroyed) return
    connection.due = Infinity
    if (++connection.unanswered > limits.pipelined) {
      closedUntil = performance.now() + limits.penaltyMs
      server.closeAllConnections()
      return
    }
    response.once('close', () => {
      connection.due = performance.now() + limits.idleMs
      connection.unanswered--
    })
  })
  server.closeAllConnections = () => {
    for (const socket of [...open.keys(), ...refused]) socket.destroy()
  }
}

function sweep(open: Map<Socket, Connection>): void {
  const now = performance.now()
  for (const [socket, { due }] of open) if (due < now) socket.destroy()
}

function refuse(socket: Socket, refused: Set<Socket>, text: string): void {
  refused.add(socket)
  const timer = setTimeout(() => socket.destroy(), REFUSAL_TIMEOUT_MS).unref()
  socket.once('close', () => {
    clearTimeout(timer)
    refused.delete(socket)
  })
  // Reads and drops what was sent: closing with unread bytes would reset the connection.
  socket.resume().once('end', () => socket.destroy())
  socket.end(text)
}
