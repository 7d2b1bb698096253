/** Sends to addresses outside of the deck. */
export interface Outbound {
  /** Why nothing may be sent there, as names resolve now: a Fault `refused` or `not.possible`. */
  check(url: string): Promise<void>
  /**
   * Posts once, and answers with whatever status came back. It follows no redirect. Faults:
   * `refused` (the address is not allowed), `timeout`, `not.possible` (nobody answered).
   */
  post(request: OutboundRequest): Promise<OutboundAnswer>
}

export interface OutboundRequest {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  signal: AbortSignal
  /** How long it may take; without it, as long as the adapter allows. */
  timeoutMs?: number
  /** How much of the answer is read, in bytes; without it, its beginning. */
  maxAnswer?: number
}

export interface OutboundAnswer {
  status: number
  /** How the answer begins, safe to show. */
  text: string
  /** The answer as it came; undefined if it is longer than what is read. */
  body: string | undefined
}
