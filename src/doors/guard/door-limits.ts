import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * What one agent may hold open, have under way and have written down; more is denied. A question is written to the journal
 * and two mirrors: it counts as its body and `questionBytes` more, and takes about four times as much of the disk.
 */
export const DOOR_LIMITS = {
  connections: 128,
  inFlight: 256,
  headerBytes: 8192,
  longestWaitSeconds: 60,
  idleMs: 120_000,
  headMs: 10_000,
  bodyMs: 10_000,
  sweepMs: 2000,
  questionBytes: 1024,
  written: { burst: 160 << 20, perSecond: 1 << 20 },
  requests: { burst: 20_000, perSecond: 20_000 },
}

export type DoorLimits = typeof DOOR_LIMITS

/** Refused callers that are still being told why; beyond these the rest is cut off without a word. */
const MOST_TOLD = 16
const TELL_MS = 500

/**
 * Counts the connections of a server and ends those that send too slowly: one that is handed its sockets does neither by
 * itself. A head is due soon after the connection, or in the idle time after the answer before it. `tooMany` is what a caller
 * beyond the limit is sent.
 */
export function limitConnections(
  server: Server,
  limits: DoorLimits,
  tooMany: (open: number) => string,
): void {
  /** When the next head of each must be there. */
  const open = new Map<Socket, number>()
  const told = new Set<Socket>()
  let sweeper: NodeJS.Timeout | undefined
  const take = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    if (open.size >= limits.connections) {
      turnAway(socket, told, tooMany(open.size))
      return
    }
    open.set(socket, performance.now() + limits.headMs)
    sweeper ??= setInterval(() => sweep(open), limits.sweepMs).unref()
    socket.once('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      clearInterval(sweeper)
      sweeper = undefined
    })
    for (const listener of take) listener.call(server, socket)
  })
  server.prependListener('request', ({ socket }, response) => {
    open.set(socket, Infinity)
    response.once('close', () => {
      if (open.has(socket)) open.set(socket, performance.now() + limits.idleMs)
    })
  })
  server.closeAllConnections = () => {
    for (const socket of [...open.keys(), ...told]) socket.destroy()
  }
}

function sweep(open: Map<Socket, number>): void {
  const now = performance.now()
  for (const [socket, due] of open) if (due < now) socket.destroy()
}

function turnAway(socket: Socket, told: Set<Socket>, text: string): void {
  if (told.size >= MOST_TOLD) {
    socket.destroy()
    return
  }
  told.add(socket)
  const timer = setTimeout(() => socket.destroy(), TELL_MS).unref()
  socket.once('close', () => {
    clearTimeout(timer)
    told.delete(socket)
  })
  // What it sent is read and dropped: closing on unread bytes would cut off our own.
  socket.resume().once('end', () => socket.destroy())
  socket.end(text)
}
