/**
 * What the page and its door say to each other, over HTTPS. Everything but the files of the page is
 * posted, with an `origin` of this door.
 *
 * - `POST /v1/pair/<word>`: see `doors/access/pairing.ts`.
 * - `POST /v1/nonce` answers a `Nonce`.
 * - `POST /v1/do/<act id>` with `{input}` and, for whatever is more than to see, `Signed`.
 * - `POST /v1/follow` answers one `PageFrame` a line, and never ends by itself.
 *
 * All but the first need a session in the header `authorization: Bearer`. It is in no cookie: what
 * another site makes a browser send has none.
 */
import type { Approval } from '../../domain/approvals/types.ts'

/** To be signed once, soon. */
export interface Nonce {
  nonce: string
  at: number
}

/** What a device proves that it means an act, see `signatures.ts`. */
export interface Signed {
  nonce: string
  /** Base64. */
  signature: string
}

/** Who looks at the page. */
export interface PageReader {
  operator: string
  role: 'owner' | 'operator' | 'viewer'
  /** The agents that they may see; null for all. */
  agents: string[] | null
  device: string
  deviceName: string
  /** The key id of the deck, which is part of what is signed. */
  deck: string
  /** SHA-256 of the certificate, in hexadecimal. */
  fingerprint: string
  /** From this risk on, an approval takes a second step. */
  highRisk: number
}

/** `now` is the time of the deck in Unix milliseconds: expiry is counted by it. */
export type PageFrame =
  /** All that waits. */
  | { kind: 'all'; now: number; reader: PageReader; waiting: Approval[] }
  /** Approvals that are new or were decided. */
  | { kind: 'some'; now: number; approvals: Approval[] }
  | { kind: 'beat'; now: number }
  /** The last one: why it ends. */
  | { kind: 'end'; why: string }

/** So often a follower hears something, in milliseconds. */
export const BEAT_MS = 4000
