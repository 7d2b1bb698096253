import type { IncomingMessage } from 'node:http'

/** Headers of one connection only, which nobody sends on. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The headers of a message that are sent on, as names and values in turn: without those of the
 * connection, and those that it calls so.
 */
export function endToEnd({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = (headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    // What says where a message ends or goes is no header of the connection.
    .filter((name) => name !== 'content-length' && name !== 'host')
  const dropped = new Set([...HOP_BY_HOP, ...named])
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (!dropped.has(name.toLowerCase())) kept.push(name, rawHeaders[at + 1] as string)
  }
  return kept
}

/** Whether a message has a body of which the length is not known before. */
export function isChunked({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined
}
