/** An address that hears of events. */
export interface Webhook {
  /** Its name. */
  id: string
  /** Under which its address and its secret are kept. Another one each time that it is added. */
  ref: string
  /** Scheme and host; the rest of an address may be a secret. */
  origin: string
  /** Patterns of event types: `approval.*`. */
  events: readonly string[]
  /** Only what is about these agents; null for all of them and the deck itself. */
  agents: readonly string[] | null
  addedAt: number
  addedBy: string
  /** The number of the event by which it was added. It hears of what comes after. */
  after: number
  /** Since when nothing arrives there, and why; null while it does. */
  failingSince: number | null
  why: string
  /** How many deliveries were given up, since the last replay. */
  dead: number
}

export interface WebhookTerms {
  id: string
  url: string
  events: readonly string[]
  agents: readonly string[] | null
}

export type DeliveryState = 'waiting' | 'delivered' | 'dead'

/** One event for one webhook. */
export interface Delivery {
  /** The same at each attempt, so that a receiver can tell a repetition. */
  id: string
  /** The number of the event. */
  event: number
  type: string
  state: DeliveryState
  attempts: number
  /** When it was taken from the journal. */
  since: number
  /** When it is tried again, or was tried last. */
  at: number
  /** The status of the latest answer; null without one. */
  status: number | null
  /** Why the latest attempt failed. */
  why: string
}

export interface WebhookService {
  list(): Promise<Webhook[]>
  /**
   * The secret is in the answer only. Faults: `name.taken`, `input.invalid`, `refused` (an address
   * that is not allowed).
   */
  add(terms: WebhookTerms, actor: string): Promise<{ webhook: Webhook; secret: string }>
  /** Fault `not.found`. */
  remove(id: string, actor: string): Promise<Webhook>
  /** Sends a test at once, and answers with the status and the milliseconds it took. */
  test(id: string): Promise<{ status: number; took: number }>
  /** The latest first. Fault `not.found`. */
  deliveries(id: string, state: DeliveryState | 'all', limit: number): Promise<Delivery[]>
  /** Sends again what was given up, or one delivery. Fault `not.found`. */
  replay(id: string, delivery: string | undefined, actor: string): Promise<{ replayed: number }>
}
