import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { http } from '../base/http.ts'
import type { EgressRefusal, RefusalCode } from '../domain/egress/types.ts'
import { rawResponse } from '../wire/raw-response.ts'

const STATUS: Partial<Record<RefusalCode, number>> = {
  'request.invalid': 400,
  busy: 503,
  'supervisor.unavailable': 503,
  'name.unresolved': 502,
  'not.reachable': 502,
}

function statusOf({ code }: EgressRefusal): number {
  return STATUS[code] ?? 403
}

/** The first line says why too: many programs show nothing else. */
function phraseOf(refusal: EgressRefusal): string {
  return `${http().STATUS_CODES[statusOf(refusal)]} (${refusal.code})`
}

function bodyOf({ code, reason, next }: EgressRefusal): string {
  return `${JSON.stringify({ code, reason, next })}\n`
}

/** Answers a request, whose connection is not used any more. */
function refuseRequest(response: ServerResponse, refusal: EgressRefusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = bodyOf(refusal)
  response.writeHead(statusOf(refusal), phraseOf(refusal), {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  })
  response.end(body)
}

const LINGER_MS = 500

/** Answers on a connection without a response object, and closes it. */
export function refuseSocket(socket: Socket, refusal: EgressRefusal): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
  // What was sent is read and dropped: closing with unread bytes would take the answer back.
  socket.resume().once('end', () => socket.destroy())
  socket.end(rawResponse(`${statusOf(refusal)} ${phraseOf(refusal)}`, bodyOf(refusal)))
}

/** A request that no proxy understands in one way only. */
export function unreadable(reason: string): EgressRefusal {
  return {
    code: 'request.invalid',
    reason,
    next: 'Send CONNECT host:port, or a plain request with the whole http:// address.',
  }
}

export function mismatch(reason: string): EgressRefusal {
  return {
    code: 'host.mismatch',
    reason,
    next: 'Ask for the host that you mean: only that was decided about.',
  }
}

/** Answers whoever asked: a request, or the socket of one that wants another protocol. */
export function refuse({ response, upgraded }: Refused, refusal: EgressRefusal): void {
  if (response !== undefined) refuseRequest(response, refusal)
  else if (upgraded !== undefined) refuseSocket(upgraded.socket, refusal)
}

interface Refused {
  response: ServerResponse | undefined
  upgraded: { socket: Socket } | undefined
}
