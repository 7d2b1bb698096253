import { CORRECTED, type Corrections } from '../corrections.ts'
import { FeedbackDirection, feedbackOf, speaksAgainst, type Feedback } from './direction.ts'
import {
  CONFIRMING_OVERRIDES,
  DENYING_OVERRIDES,
  MISSED_CONFIRMATION,
  isFailure,
  signalsOf,
  type DecisionOutcome,
  type EvidenceSignals,
} from './evidence.ts'
import { REACTIVATED, suspendedFor, type LifecycleTransition } from './transitions.ts'
import { ASK, AUTO, type Rule } from '../types.ts'

/** Sources of rules that observation alone never confirms. */
const WEAK_SOURCES = new Set([
  'git_history',
  'file_pattern',
  'workflow_test_ratio',
  'tech_stack_frequency',
  'rl_feedback',
  'legacy',
])

/** How many feedbacks confirm a candidate. */
export const PROMOTION_EVIDENCE = 3

/** What the promotion gate needs in addition to the rule. */
interface PromotionCase {
  /**
   * Outcomes of decisions that the rule took part in, oldest first, without the one being applied.
   */
  outcomes: readonly DecisionOutcome[]
  /** Whether a comparable rule is confirmed and decides otherwise. */
  conflict: boolean
  /** The risk level of the decision. */
  risk: string
  /** The feedback being applied, if any. */
  feedback?: Feedback
}

/**
 * The gates between statuses: promotion, suspension and reactivation. Counters are those after the
 * feedback.
 */
export class Lifecycle {
  readonly direction: FeedbackDirection
  readonly #corrections: Corrections

  constructor(corrections: Corrections = CORRECTED) {
    this.#corrections = corrections
    this.direction = new FeedbackDirection(corrections)
  }

  /** Why a candidate is not confirmed, in the order of the checks; empty if it is. */
  promotionBlocks(rule: Rule, { outcomes, conflict, risk, feedback }: PromotionCase): string[] {
    if (rule.status !== 'candidate') return ['rule is not a candidate']
    const counted = this.#corrections['setbacks-restart'] ? sinceSetback(rule, outcomes) : outcomes
    const signals = this.#signals(rule, counted)
    const severe = risk === 'high' || risk === 'critical'
    const gates: [blocks: boolean, reason: string][] = [
      [String(rule.scope) === '', 'scope missing'],
      [rule.policy_decision === '', 'policy decision missing'],
      [this.#evidence(rule, outcomes, feedback) < PROMOTION_EVIDENCE, 'insufficient evidence'],
      [rule.summary === '', 'summary missing'],
      [rule.validation.length === 0, 'minimal test missing'],
      [conflict, 'unresolved conflict'],
      [WEAK_SOURCES.has(rule.source_type), 'weak hints cannot promote directly'],
      [
        !signals.explicit && !this.#isStable(rule, signals, feedback),
        'no explicit confirmation or stable success pattern',
      ],
      [
        severe && rule.policy_decision === AUTO && !signals.explicit,
        'high-risk auto rules require explicit confirmation',
      ],
      [!this.#mayPromote(rule, feedback), 'this feedback speaks against the rule'],
    ]
    return gates.filter(([blocks]) => blocks).map(([, reason]) => reason)
  }

  /** How many feedbacks speak for a rule with none against it since, `feedback` included. */
  supportInARow(rule: Rule, outcomes: readonly DecisionOutcome[], feedback?: Feedback): number {
    if (feedback !== undefined && speaksAgainst(rule, feedback)) return 0
    const now = feedback !== undefined && this.direction.supports(rule, feedback) ? 1 : 0
    const earlier = sinceSetback(rule, outcomes).filter(
      (outcome) => outcome.applied !== false && this.direction.supports(rule, feedbackOf(outcome)),
    )
    return now + earlier.length
  }

  /** From confirmed to suspended; undefined if the rule stays confirmed. */
  suspension(rule: Rule, feedback: Feedback, conflict: boolean): LifecycleTransition | undefined {
    const trigger = this.#suspensionTrigger(rule, feedback)
    if (trigger === 'rollback') return suspendedFor('rollback')
    if (conflict && !this.direction.isProtected(rule)) return suspendedFor('conflict')
    if (trigger === 'failure' && rule.failure_streak >= 2) return suspendedFor('repeated_failure')
    if (trigger === 'override' && rule.override_streak >= 2)
      return suspendedFor('repeated_override')
    if (trigger === 'missed' && rule.conflict_count >= 2) return suspendedFor('missed_confirmation')
    return undefined
  }

  /** From suspended back to candidate; undefined if the rule stays suspended. */
  reactivation(
    rule: Rule,
    outcomes: readonly DecisionOutcome[],
    feedback: Feedback,
  ): LifecycleTransition | undefined {
    const accepted = this.#corrections['support-promotes']
      ? this.#supportSinceSuspension(rule, outcomes, feedback)
      : Math.max(rule.accepted_confirmation_count, rule.accepted_auto_execute_count)
    return accepted >= 2 ? REACTIVATED : undefined
  }

  #evidence(rule: Rule, outcomes: readonly DecisionOutcome[], feedback?: Feedback): number {
    return this.#corrections['setbacks-restart']
      ? this.supportInARow(rule, outcomes, feedback)
      : rule.evidence_count
  }

  /** Signals; an override in the other direction is no confirmation where that is corrected. */
  #signals(rule: Rule, outcomes: readonly DecisionOutcome[]): EvidenceSignals {
    const signals = signalsOf(outcomes)
    if (!this.#corrections['support-promotes']) return signals
    const asks = rule.policy_decision === ASK
    const confirming = asks ? DENYING_OVERRIDES : CONFIRMING_OVERRIDES
    const complaint = asks && this.#corrections['misses-guard'] ? MISSED_CONFIRMATION : undefined
    return {
      ...signals,
      explicit: outcomes.some(({ override }) => confirming.has(override) || override === complaint),
    }
  }

  #isStable(rule: Rule, signals: EvidenceSignals, feedback?: Feedback): boolean {
    const failures =
      signals.failures + (feedback !== undefined && isFailure(feedback.result) ? 1 : 0)
    if (this.#corrections['failures-guard'] && rule.policy_decision === ASK && failures >= 3)
      return true
    const accepted = Math.max(rule.accepted_auto_execute_count, signals.accepted)
    return signals.successes >= 3 || accepted >= 3
  }

  #mayPromote(rule: Rule, feedback?: Feedback): boolean {
    if (!this.#corrections['support-promotes'] || feedback === undefined) return true
    return this.direction.supports(rule, feedback)
  }

  #suspensionTrigger(
    rule: Rule,
    { result, override, decision }: Feedback,
  ): 'rollback' | 'override' | 'failure' | 'missed' | undefined {
    const isProtected = this.direction.isProtected(rule)
    if (result === 'rollback' && !isProtected) return 'rollback'
    if (this.direction.isOverridden(rule, override)) return 'override'
    if (result === 'failure' && decision === AUTO && !isProtected) return 'failure'
    return this.direction.isMissed(rule, override) ? 'missed' : undefined
  }

  /**
   * How many feedbacks since the suspension speak for a rule, this one included; none if this one
   * does not.
   */
  #supportSinceSuspension(
    rule: Rule,
    outcomes: readonly DecisionOutcome[],
    feedback: Feedback,
  ): number {
    if (rule.policy_decision === ASK && !this.#corrections['guards-return']) return 0
    if (!this.direction.supports(rule, feedback)) return 0
    const since = outcomes.filter(({ at }) => at > rule.last_lifecycle_event_at)
    return 1 + since.filter((outcome) => this.direction.supports(rule, feedbackOf(outcome))).length
  }
}

/** The outcomes after the latest one that speaks against a rule. */
function sinceSetback(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
): readonly DecisionOutcome[] {
  return outcomes.slice(outcomes.findLastIndex((outcome) => speaksAgainst(rule, outcome)) + 1)
}
