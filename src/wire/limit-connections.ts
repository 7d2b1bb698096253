import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Refused connections that are sent a reason at a time, and as a share of those that may be open.
 * Others are closed without one.
 */
const MAX_REFUSALS = 16
const REFUSAL_SHARE = 1 / 8
const REFUSAL_TIMEOUT_MS = 500

/** How long connections may be silent, and how much they may ask at once. Times in milliseconds. */
export interface ConnectionLimits {
  headMs: number
  idleMs: number
  sweepMs: number
  pipelined: number
  penaltyMs: number
}

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
  // What becomes a tunnel is limited by whoever answers it.
  const handOver = (_request: unknown, socket: Duplex) => {
    const connection = open.get(socket as Socket)
    if (connection !== undefined) connection.due = Infinity
  }
  for (const event of ['connect', 'upgrade'] as const)
    if (server.listenerCount(event) > 0) server.prependListener(event, handOver)
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
