import type { Draft } from '../../../journal/types.ts'
import type { ApiAuthor } from '../guard/service.ts'
import type { LedgerRow, LedgerStatus } from '../types.ts'

/** An action as it is recorded, with all that the wire shows of it. */
export interface RecordedAction extends LedgerRow {
  reasoning: string | null
  trigger: string | null
  input_summary: string | null
  output_summary: string | null
  side_effects: readonly string[]
  artifacts_created: readonly string[]
  recommendation_id: string | null
  recommendation_applied: boolean
  recommendation_override_reason: string | null
  model: string | null
  signature: string | null
  verified: boolean
  approved_by: string | null
  approved_at: string | null
  session_id: string | null
  created_at: string
  updated_at: string
}

/** An action in a list of the deck. What may be long is cut. Times are Unix milliseconds. */
export interface LedgerLine {
  /** `org/action`: no two organisations share one. */
  id: string
  /** Where it is in the list, by when it began; see `PlacedRow`. */
  place: string
  org: string
  action: string
  /** As the deck names it. */
  agent: string
  type: string
  goal: string
  status: LedgerStatus
  risk: number
  reversible: boolean
  began: number
  ended: number | null
  cost: number | null
  tokens: number | null
  error: string
  /** The approval that it waits for or waited for; '' for none. */
  approval: string
  /** The guard's question: an approval, or a decision without one. */
  question: string
  parent: string
}

/** A part of the ledger: see `ListPage`. */
export interface LedgerPage {
  rows: LedgerLine[]
  next: string | null
}

/** What signals look for among running actions. */
export const WATCHED = {
  /** Hardly anybody watches it: not reversible, risky, and without a scope. */
  risky: 1,
  /** A workflow. */
  workflow: 2,
} as const

/** A row of the ledger's table. */
export interface LedgerEntry {
  org: string
  /** The agent's own id, within its organisation. */
  agent: string
  type: string
  status: string
  swarm: string
  parent: string
  /** When it began, in Unix milliseconds. */
  at: number
  /** When it was written down, in Unix milliseconds. */
  recorded: number
  /** The approval that it waits for or waited for; '' for none. */
  approval: string
  /** The guard's question: an approval, or a decision without one. */
  question: string
  /** What signals look for: the sum of `WATCHED`. */
  watched: number
  /** As the agent told it, from 0 to 100. */
  risk: number
  /** In millionths of a USD. */
  cost: number
  action: RecordedAction
}

/** What somebody looks for in the ledger. Everything given has to hold. */
export interface LedgerQuery {
  agent?: string | undefined
  type?: string | undefined
  status?: string | undefined
  swarm?: string | undefined
  parent?: string | undefined
  riskMin?: number | undefined
  /** Unix milliseconds: begun then or later, and before. */
  from?: number | undefined
  before?: number | undefined
  /** What signals look for; see `WATCHED`. */
  watched?: number | undefined
  /** Those that began first come first. */
  oldest?: boolean
  limit: number
  offset?: number | undefined
}

/** Learns from how actions end. */
export interface OutcomeListener {
  /** What is written down together with an outcome. `next`: the number of its first event. */
  belonging(author: ApiAuthor, action: RecordedAction, next: number): Draft[]
  /** Hears of an outcome once it is written down. */
  reported(author: ApiAuthor, action: RecordedAction): Promise<void>
}
