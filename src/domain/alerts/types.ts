/** What people are told of a question. Texts are shortened. */
export interface AlertQuestion {
  id: string
  agent: string
  type: string
  target: string
  goal: string
  risk: number
  why: string[]
  askedAt: number
  expiresAt: number
}

/** One step of a chain: who is told of a question that nobody has answered for so long. */
export interface EscalationStep {
  /** Minutes since it was asked. */
  after: number
  /** `notify`, `console`, `webhook:<name>`, `operator:<name>`. */
  to: readonly string[]
}

/** How far the chain of one question has gone. */
export interface Escalation {
  /** The approval's. */
  id: string
  agent: string
  /** How many steps were taken. */
  step: number
  /** Whom the latest step told, and when. */
  to: readonly string[]
  at: number
  /** The latest step waits for the end of quiet hours. */
  held: boolean
  /** Nobody answered, which has yet to be told. */
  over: boolean
}

/** How many questions came in quiet hours, and what became of them by their end. */
export interface QuietSummary {
  asked: number
  waiting: number
  unanswered: number
}

/** What somebody is told. */
export interface AlertMessage {
  kind: 'question' | 'unanswered' | 'summary' | 'absence'
  /** The number of the event that says so. A message may come again, with the same number. */
  seq: number
  at: number
  /** One sentence, safe to show. */
  text: string
  question: AlertQuestion | null
  /** Which step of how many this is; null if it is none. */
  step: { number: number; of: number } | null
  summary: QuietSummary | null
}

/** A way to reach people. Doors register theirs when the deck is composed. */
export interface Channel {
  /** What stands before the colon of a recipient: `notify`, `webhook`, `telegram`. */
  name: string
  /** Whether an operator can be reached by it now, as `operator:<name>`. */
  reaches?(operator: string): boolean
  /**
   * Hands a message over. `who` is what stands after the colon of the recipient. Rejects with the
   * reason when it cannot be handed over.
   */
  deliver(message: AlertMessage, who: string, signal: AbortSignal): Promise<void>
}

export interface AlertChannels {
  /** From now on there is another way to reach people. The returned function takes it away. */
  register(channel: Channel): () => void
}
