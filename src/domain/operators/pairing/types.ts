import type { Rights } from '../types.ts'

/** What can be paired: another terminal, a phone with the page, or an account at Telegram. */
export type DeviceKind = 'console' | 'device' | 'telegram'

/** What an offer can be for: a device, or the key of an agent outside of pods. */
export type PairingKind = DeviceKind | 'agent'

/** What an offer gives: rights of an operator, or to ask as the only agent that it names. */
export type OfferedRights = Rights | { role: 'agent'; agents: string[] }

/** The public half of a key that a device keeps, as base64 of the SPKI DER. RSA: of agents only. */
export interface DeviceKey {
  type: 'ed25519' | 'p256' | 'rsa'
  spki: string
}

/** An account at Telegram, for which Telegram vouches. */
export interface ChatAccount {
  type: 'telegram'
  /** Its number at Telegram, which never changes. Its private chat with the bot has the same. */
  user: number
}

/** By what a device is known. */
export type DeviceIdentity = DeviceKey | ChatAccount

/** Something of an operator that the deck trusts. */
export interface Device {
  id: string
  operator: string
  kind: DeviceKind
  /** What it calls itself. */
  name: string
  identity: DeviceIdentity
  trustedAt: number
  trustedBy: string
  state: 'trusted' | 'revoked'
}

/** An offer to trust a device, until somebody takes it and somebody else confirms that. */
export interface Pairing {
  id: string
  kind: PairingKind
  /** Whose device it becomes; null for a new operator, named when it is confirmed, or an agent. */
  operator: string | null
  /** What a new operator may do, or the operator might when it was offered. */
  rights: OfferedRights
  /** SHA-256 of the token in the link, in hexadecimal. */
  tokenHash: string
  offeredAt: number
  offeredBy: string
  expiresAt: number
  /**
   * `open` → `presented` (a device has shown the token, and is bound to the offer) → `confirmed`;
   * or it ends as `refused`, `expired` or `locked` (after too many wrong tokens).
   */
  state: 'open' | 'presented' | 'confirmed' | 'refused' | 'expired' | 'locked'
  presented: Presented | null
  /** The device, or the agent's key, that came of it. */
  device: string | null
}

/** Who took an offer. */
export interface Presented {
  /** What they call themselves; the name of an agent. */
  person: string
  device: string
  identity: DeviceIdentity
  /** Six digits that both sides show, and that depend on the token and the identity. */
  code: string
}

/** A pairing as it is shown. */
export type PairingRow = Omit<Pairing, 'tokenHash'>

export interface PairingTerms {
  kind: PairingKind
  operator: string | null
  rights: OfferedRights
  /** Seconds for which it is open. */
  seconds: number
}

/** A new offer. Its token is nowhere else. */
export interface PairingOffer {
  pairing: PairingRow
  token: string
  /** What the other side opens; the token is part of it. */
  link: string
}

/** An agent outside of pods, and the id of its key. */
export interface PairedAgent {
  id: string
  agent: string
}

export interface Presentation {
  token: string
  /** The agent that takes an offer for its key; without it, a device does. */
  agent?: string
  person: string
  device: string
  identity: DeviceIdentity
}

export interface PairingService {
  /** Opens an offer. The token is in the answer only. Faults: `not.found`, `not.possible`. */
  offer(terms: PairingTerms, actor: string): Promise<PairingOffer>
  /** Binds whoever has the token to the offer. Faults: `refused`, without saying what is wrong. */
  present(presentation: Presentation, actor: string): Promise<PairingRow>
  /**
   * Trusts the device that took the offer, as one of `operator`, or the key of the agent. Faults:
   * `not.found`, `not.possible`.
   */
  confirm(id: string, operator: string | undefined, actor: string): Promise<Device | PairedAgent>
  /** Ends an offer without trust. Faults: `not.found`, `not.possible`. */
  refuse(id: string, actor: string): Promise<PairingRow>
  get(id: string): Promise<PairingRow>
  /** The pairing whose token an account at Telegram took. Fault `not.found`. */
  taken(token: string, user: number): Promise<PairingRow>
  /** The trusted device of an account at Telegram. Fault `not.found`. */
  ofAccount(user: number): Promise<Device>
  /** The offers that are not over, and the devices that are trusted. */
  list(): Promise<{ pairings: PairingRow[]; devices: Device[] }>
  /** Ends the trust in a device, at once on every door. Faults: `not.found`, `not.possible`. */
  revoke(device: string, actor: string): Promise<Device>
  /** The same for whoever has its token. Fault `refused`. */
  await(id: string, token: string, signal: AbortSignal): AsyncIterable<PairingRow>
  /** The latest of a pairing, now and at each change, until it is over. */
  follow(id: string, signal: AbortSignal): AsyncIterable<PairingRow>
}
