import { hash } from 'node:crypto'

/** A row as it is stored: the body is canonical JSON text. */
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

/** What the first event has as `prev`. */
export const GENESIS = '0'.repeat(64)

/**
 * hash = SHA-256( prev ‖ LF ‖ JSON [seq, at, actor, type, subject] ‖ LF ‖ body ), lower-case hex over UTF-8.
 * Each row thereby vouches for every row before it.
 */
export function chainHash(e: Omit<StoredEvent, 'hash'>): string {
  return hash(
    'sha256',
    `${e.prev}\n${JSON.stringify([e.seq, e.at, e.actor, e.type, e.subject])}\n${e.body}`,
    'hex',
  )
}

/** The one line that stands for an event in mirrors and exports: canonical JSON (keys sorted), without the line feed. */
export function lineOf(e: StoredEvent): string {
  return `{"actor":${JSON.stringify(e.actor)},"at":${e.at},"body":${e.body},"hash":"${e.hash}","prev":"${e.prev}","seq":${e.seq},"subject":${JSON.stringify(e.subject)},"type":"${e.type}"}`
}

/** Why a row does not hold after `prev` at `seq`; undefined when it does. */
export function brokenLink(e: StoredEvent, seq: number, prev: string): string | undefined {
  if (e.seq !== seq) return `event ${seq} is missing`
  if (e.prev !== prev) return 'its link to the event before does not hold'
  return chainHash(e) === e.hash ? undefined : 'its hash does not hold: the row was changed'
}

/** The text that a checkpoint signs. */
export function checkpointText(c: {
  seq: number
  hash: string
  at: number
  keyId: string
}): string {
  return `clawdeck checkpoint\n${c.seq}\n${c.hash}\n${c.at}\n${c.keyId}`
}
