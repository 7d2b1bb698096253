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
}

export interface OutboundAnswer {
  status: number
  /** How the answer begins. */
  text: string
}
