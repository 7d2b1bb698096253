import { CORRECTED, type Corrections } from '../corrections.ts'
import {
  APPROVING_OVERRIDES,
  DENYING_OVERRIDES,
  MISSED_CONFIRMATION,
  isFailure,
  type DecisionOutcome,
} from './evidence.ts'
import { ASK, AUTO, type ExecutionMode, type Rule } from '../types.ts'

/** One feedback, as the lifecycle gates see it. */
export interface Feedback {
  result: string
  override: string
  decision: ExecutionMode
  risk: string
  prompted: boolean
}

/** Whether a feedback speaks for a rule, and whether it counts against it. */
export class FeedbackDirection {
  readonly #corrections: Corrections

  constructor(corrections: Corrections = CORRECTED) {
    this.#corrections = corrections
  }

  /** Whether a feedback speaks for what a rule decides. */
  supports(rule: Rule, { override, result, decision, prompted }: Feedback): boolean {
    if (override === MISSED_CONFIRMATION && this.#corrections['misses-guard'])
      return rule.policy_decision === ASK
    if (APPROVING_OVERRIDES.has(override))
      return rule.policy_decision === AUTO && !isFailure(result)
    if (DENYING_OVERRIDES.has(override) || isFailure(result)) return rule.policy_decision === ASK
    return result === 'success' && rule.policy_decision === AUTO && (decision === AUTO || prompted)
  }

  /** Whether a rule asks, and neither failures nor a contradicting rule may suspend it. */
  isProtected(rule: Rule): boolean {
    return this.#corrections['guards-hold'] && rule.policy_decision === ASK
  }

  /** Whether an override counts against a rule. */
  isOverridden(rule: Rule, override: string): boolean {
    return DENYING_OVERRIDES.has(override) && !this.isProtected(rule)
  }

  /** Whether the complaint that a person should have been asked counts against a rule. */
  isMissed(rule: Rule, override: string): boolean {
    if (override !== MISSED_CONFIRMATION) return false
    return !(this.#corrections['misses-guard'] && rule.policy_decision === ASK)
  }
}

/**
 * Whether a feedback speaks against what a rule decides. What a person said comes before what
 * happened; a task that was given up without an override says nothing either way.
 */
export function speaksAgainst(
  { policy_decision }: Rule,
  { override, result }: Pick<Feedback, 'override' | 'result'>,
): boolean {
  return policy_decision === ASK
    ? APPROVING_OVERRIDES.has(override)
    : DENYING_OVERRIDES.has(override) || override === MISSED_CONFIRMATION || isFailure(result)
}

/** An outcome of the log as the feedback that it was. */
export function feedbackOf({ override, result, decision, confirmed }: DecisionOutcome): Feedback {
  return { override, result, decision: decision as ExecutionMode, risk: '', prompted: confirmed }
}
