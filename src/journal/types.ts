/**
 * Every event of the deck and its body, named in the past tense. Each room adds the events of its
 * nouns; here are only the journal's own.
 */
export interface EventBodies {
  'audit.exported': { path: string; events: number; head: string }
}

export type EventType = keyof EventBodies

/**
 * The rows that consoles mirror, by noun. Each noun adds its own, so that the wire and the
 * console's tables are typed.
 */
// oxlint-disable-next-line typescript/no-empty-interface
export interface MirroredRows {}
export type MirroredNoun = keyof MirroredRows

/**
 * One journal row. `body` is canonical JSON when stored; `prev` and `hash` chain the rows (see
 * `chain.ts`).
 */
export interface DeckEvent<T extends EventType = EventType> {
  seq: number
  /** Unix milliseconds. */
  at: number
  /** Who: `operator:<id>/<door>`, `agent:<name>`, `supervisor`. */
  actor: string
  type: T
  /** What it is about: an agent's name, or '' for the deck itself. */
  subject: string
  body: EventBodies[T]
  prev: string
  hash: string
}

/** An event before it is appended. */
export type Draft<T extends EventType = EventType> = {
  [K in T]: { type: K; actor: string; subject: string; body: EventBodies[K]; at?: number }
}[T]

/** The signed head of the journal at `seq`. */
export interface Checkpoint {
  seq: number
  hash: string
  at: number
  keyId: string
  signature: string
}

/** What is known of events that are gone from the journal, or are not those that were written. */
export interface Loss {
  /** The last event before it; null if that cannot be told. */
  after: number | null
  /** How many events are gone, at least; null if that cannot be told. */
  lost: number | null
  what: string
}

/** A loss that an owner accepted, with the event of that. */
export interface AcceptedLoss extends Loss {
  event: number
  by: string
  at: number
}

/** The answer of `audit verify`. `firstBad` is the sequence number of the first invalid event. */
export interface Verification {
  ok: boolean
  events: number
  /** How many of them, the first ones, a valid signature covers. The others are only chained. */
  signed: number
  /** Losses that an owner accepted, the oldest first. */
  losses: AcceptedLoss[]
  head: string
  checkpoints: number
  mirrors: number
  /** Whether every page of the database and the folded tables were checked too. */
  deep: boolean
  firstBad: number | null
  problems: { where: string; seq: number | null; what: string }[]
  /** Milliseconds it took. */
  took: number
}

export interface Audit {
  tail(options: {
    limit: number
    follow: boolean
    agent?: string | undefined
    signal: AbortSignal
  }): AsyncIterable<DeckEvent>
  /** Newest first. */
  search(options: SearchOptions): Promise<DeckEvent[]>
  verify(options: { file?: string | undefined; deep?: boolean | undefined }): Promise<Verification>
  export(path: string, actor: string): Promise<{ path: string; events: number; head: string }>
  rebuild(): Promise<{ events: number; same: boolean; differences: string[] }>
  checkpoint(): Promise<Checkpoint>
  /**
   * Trusts what remains of a broken journal from now on. Fault `not.possible` if it is not broken;
   * `journal.corrupt` if the database itself is damaged.
   */
  acceptLoss(actor: string): Promise<AcceptedLoss>
}

export interface SearchOptions {
  text?: string | undefined
  agent?: string | undefined
  type?: string | undefined
  since?: number | undefined
  before?: number | undefined
  limit: number
}
