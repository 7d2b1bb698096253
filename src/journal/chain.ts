import { hash } from 'node:crypto'

/** A row of the journal as it is stored: the body is canonical JSON text. */
export interface StoredEvent {
  seq: number
  at: number
  actor: string
  type: string
  subject: string
  body: string
  prev: string
  hash: string
}

/** The latest event of a journal; before the first, 0 and `GENESIS`. */
export interface Head {
  seq: number
  hash: string
}

/** The `prev` of the first event. */
export const GENESIS = '0'.repeat(64)

/**
 * SHA-256( prev ‖ LF ‖ JSON [seq, at, actor, type, subject] ‖ LF ‖ body ) over UTF-8, in lower-case
 * hex. Each row's hash thereby covers every row before it.
 */
export function chainHash(e: Omit<StoredEvent, 'hash'>): string {
  return hash(
    'sha256',
    `${e.prev}\n${JSON.stringify([e.seq, e.at, e.actor, e.type, e.subject])}\n${e.body}`,
    'hex',
  )
}

/** An event's line in mirrors and exports: canonical JSON (keys sorted), without the line feed. */
export function lineOf(e: StoredEvent): string {
  return (
    `{"actor":${JSON.stringify(e.actor)},"at":${e.at},"body":${e.body},"hash":"${e.hash}",` +
    `"prev":"${e.prev}","seq":${e.seq},"subject":${JSON.stringify(e.subject)},"type":"${e.type}"}`
  )
}

/** Why a row is not the valid successor of `prev` at position `seq`; undefined when it is. */
export function brokenLink(e: StoredEvent, seq: number, prev: string): string | undefined {
  if (e.seq !== seq) return `event ${seq} is missing`
  if (e.prev !== prev) return 'its link to the previous event is wrong'
  return chainHash(e) === e.hash ? undefined : 'its hash is wrong: the row was changed'
}

/** The text that a checkpoint's signature covers. */
export function checkpointText(c: {
  seq: number
  hash: string
  at: number
  keyId: string
}): string {
  return `clawdeck checkpoint\n${c.seq}\n${c.hash}\n${c.at}\n${c.keyId}`
}
