/** An agent that asks over the governance API. Times are Unix milliseconds. */
export interface ApiAgent {
  /** As the deck names it: see `apiAgentName`. */
  name: string
  org: string
  /** As it names itself. */
  id: string
  label: string | null
  firstSeenAt: number
  /** What it said last of how it is; null until it does. */
  presence: ApiPresence | null
}

/** A heartbeat of an agent. */
export interface ApiPresence {
  at: number
  status: string
  task: string | null
  metadata: unknown
}
