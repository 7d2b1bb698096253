import type { Draft } from '../../../journal/types.ts'

/** The public half of a key, as base64 of its SPKI DER. */
export interface SigningKey {
  type: 'ed25519' | 'p256' | 'rsa'
  spki: string
}

/** By what an agent outside of pods proves that a question is its own. Times in Unix ms. */
export interface AgentKey {
  id: string
  agent: string
  key: SigningKey
  /** SHA-256 of the SPKI DER, in hexadecimal. */
  fingerprint: string
  /**
   * `requested` → `trusted` → `revoked`; or it ends as `refused` or `expired` before it was
   * trusted.
   */
  state: 'requested' | 'trusted' | 'refused' | 'expired' | 'revoked'
  requestedAt: number
  /** When a request is over. A trusted key has no end. */
  expiresAt: number | null
  /** Who decided on it, or '' while it waits. */
  decidedBy: string
}

/** An agent and a key: PEM (SPKI), or a JWK as JSON. */
export interface KeyOffer {
  agent: string
  key: string
}

export interface AgentKeyService {
  /**
   * Asks to trust a key, as the agent whose key it is. Faults: `input.invalid`; `refused` if there
   * is no such agent outside of pods, or too many requests wait.
   */
  request(offer: KeyOffer, actor: string): Promise<AgentKey>
  /**
   * Trusts the key in a file: PEM (SPKI), or a JWK. Faults: `input.invalid`, `not.found`,
   * `not.possible`.
   */
  add(agent: string, path: string, actor: string): Promise<AgentKey>
  /** Trusts a key that was asked for. Faults: `not.found`, `not.possible`. */
  confirm(id: string, actor: string): Promise<AgentKey>
  /** Ends a request, or the trust in a key at once. Faults: `not.found`, `not.possible`. */
  end(id: string, actor: string): Promise<AgentKey>
  get(id: string): Promise<AgentKey>
  /** Keys that are trusted or wait for confirmation, or all there ever were. */
  list(state: 'open' | 'all'): Promise<AgentKey[]>
}

/** What doors and the rest of the deck need of these keys, besides the service. */
export interface AgentKeyTrust {
  /** The trusted key with this id. */
  trusted(id: string): AgentKey | undefined
  /** Events that end the trust in the keys of a deleted agent. */
  retire(agent: string, actor: string): Draft[]
}
