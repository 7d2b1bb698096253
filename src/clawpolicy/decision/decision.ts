import type { JsonObject } from '../files/json.ts'
import type { TaskRisk } from '../risk/level.ts'
import type { ExecutionMode, PolicyEvent, Rule } from '../types.ts'

/** What a decision says, and why. */
export interface DecisionReason {
  verdict: ExecutionMode
  reason: string
  /** How the deciding rule was chosen, or that none was. */
  resolution: string
  /** Why no confirmed rule decided; empty if one did. */
  fallback: string
}

/** A decision with everything that led to it. */
export interface ConfirmationDecision extends DecisionReason {
  id: string
  risk: TaskRisk
  /** Every match, in file order: also rules without a decision, losing and suspended ones. */
  matched: Rule[]
  selected: Rule | undefined
  /** The same as it is logged, keys in order. */
  record: JsonObject
}

/** What an operation changed, by key, and what it adds to the log, in order. */
export interface PolicyChange {
  rules: ReadonlyMap<string, Rule>
  events: PolicyEvent[]
}
