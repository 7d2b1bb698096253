import type { Corrections } from './corrections.ts'
import {
  CONFIRMING_OVERRIDES,
  MISSED_CONFIRMATION,
  DENYING_OVERRIDES,
  APPROVING_OVERRIDES,
  isFailure,
  signalsOf,
  type DecisionOutcome,
  type EvidenceSignals,
} from './evidence.ts'
import { AUTO, ASK, type Rule, type ExecutionMode } from './types.ts'

/** A move to another state, and why. */
export interface LifecycleTransition {
  to: 'candidate' | 'confirmed' | 'suspended' | 'archived'
  event: 'rule_promoted' | 'rule_suspended' | 'rule_reactivated' | 'rule_archived'
  reason: string
}

/** How a rule stands among those that are about the same: equal scope, key and triggers. */
export interface Rivals {
  /** Another one is confirmed and decides otherwise. */
  conflict: boolean
  /** Another one is confirmed. */
  superseded: boolean
}

/** One feedback, as the gates see it. */
export interface Feedback {
  result: string
  override: string
  decision: ExecutionMode
  risk: string
  prompted: boolean
}

/** Sources of rules that observation alone never confirms. */
const WEAK = new Set([
  'git_history',
  'file_pattern',
  'workflow_test_ratio',
  'tech_stack_frequency',
  'rl_feedback',
  'legacy',
])

/** How many feedbacks confirm a candidate. */
export const PROMOTION_EVIDENCE = 3

/** What keeps a candidate from being confirmed; empty if nothing does. `feedback` is the one being applied, if any. */
export function promotionBlocks(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
  conflict: boolean,
  risk: string,
  corrections: Corrections,
  feedback?: Feedback,
): string[] {
  if (rule.status !== 'candidate') return ['rule is not a candidate']
  const restarts = corrections['setbacks-restart']
  const row = rowOf(rule, outcomes)
  const signals = directed(rule, restarts ? row : outcomes, corrections)
  const enough =
    (restarts ? supportInARow(rule, outcomes, corrections, feedback) : rule.evidence_count) >=
    PROMOTION_EVIDENCE
  const gates: [boolean, string][] = [
    [String(rule.scope) === '', 'scope missing'],
    [rule.policy_decision === '', 'policy decision missing'],
    [!enough, 'insufficient evidence'],
    [rule.summary === '', 'summary missing'],
    [rule.validation.length === 0, 'minimal test missing'],
    [conflict, 'unresolved conflict'],
    [WEAK.has(rule.source_type), 'weak hints cannot promote directly'],
    [
      !signals.explicit && !stable(rule, signals, corrections, feedback),
      'no explicit confirmation or stable success pattern',
    ],
    [
      (risk === 'high' || risk === 'critical') &&
        rule.policy_decision === AUTO &&
        !signals.explicit,
      'high-risk auto rules require explicit confirmation',
    ],
    [
      corrections['support-promotes'] &&
        feedback !== undefined &&
        !supports(rule, feedback, corrections),
      'this feedback speaks against the rule',
    ],
  ]
  return gates.filter(([blocks]) => blocks).map(([, reason]) => reason)
}

function stable(
  rule: Rule,
  signals: EvidenceSignals,
  corrections: Corrections,
  feedback?: Feedback,
): boolean {
  const failures = signals.failures + (feedback !== undefined && isFailure(feedback.result) ? 1 : 0)
  if (corrections['failures-guard'] && rule.policy_decision === ASK && failures >= 3) return true
  return signals.successes >= 3 || Math.max(rule.accepted_auto_execute_count, signals.accepted) >= 3
}

/** Signals; those that were given in the other direction do not count where that is corrected. */
function directed(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
  corrections: Corrections,
): EvidenceSignals {
  if (!corrections['support-promotes']) return signalsOf(outcomes)
  const way = rule.policy_decision === ASK ? DENYING_OVERRIDES : CONFIRMING_OVERRIDES
  const signals = signalsOf(outcomes)
  const complaint =
    rule.policy_decision === ASK && corrections['misses-guard'] ? MISSED_CONFIRMATION : undefined
  return {
    ...signals,
    explicit: outcomes.some(({ override }) => way.has(override) || override === complaint),
  }
}

/** Whether a feedback speaks for what a rule decides. */
export function supports(
  rule: Rule,
  { override, result, decision, prompted }: Feedback,
  corrections: Corrections,
): boolean {
  if (override === MISSED_CONFIRMATION && corrections['misses-guard'])
    return rule.policy_decision === ASK
  if (APPROVING_OVERRIDES.has(override)) return rule.policy_decision === AUTO && !isFailure(result)
  if (DENYING_OVERRIDES.has(override)) return rule.policy_decision === ASK
  if (isFailure(result)) return rule.policy_decision === ASK
  return result === 'success' && rule.policy_decision === AUTO && (decision === AUTO || prompted)
}

/**
 * Whether a feedback speaks against what a rule decides. What a person said comes before what happened; giving up without a
 * word says nothing either way.
 */
export function speaksAgainst(
  { policy_decision }: Rule,
  { override, result }: Pick<Feedback, 'override' | 'result'>,
): boolean {
  return policy_decision === ASK
    ? APPROVING_OVERRIDES.has(override)
    : DENYING_OVERRIDES.has(override) || override === MISSED_CONFIRMATION || isFailure(result)
}

/** How many feedbacks speak for a rule with none against it since, `feedback` included. */
export function supportInARow(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
  corrections: Corrections,
  feedback?: Feedback,
): number {
  if (feedback !== undefined && speaksAgainst(rule, feedback)) return 0
  const now = feedback !== undefined && supports(rule, feedback, corrections) ? 1 : 0
  return (
    now +
    rowOf(rule, outcomes).filter(
      (outcome) => outcome.applied !== false && supports(rule, feedbackOf(outcome), corrections),
    ).length
  )
}

/** The outcomes since the latest that speaks against a rule. */
function rowOf(rule: Rule, outcomes: readonly DecisionOutcome[]): readonly DecisionOutcome[] {
  return outcomes.slice(outcomes.findLastIndex((outcome) => speaksAgainst(rule, outcome)) + 1)
}

/** An outcome as it was reported. */
function feedbackOf({ override, result, decision, confirmed }: DecisionOutcome): Feedback {
  return { override, result, decision: decision as ExecutionMode, risk: '', prompted: confirmed }
}

/** Whether a rule is a guard that neither failures nor a contradicting rule bring down. */
export function holds(rule: Rule, corrections: Corrections): boolean {
  return corrections['guards-hold'] && rule.policy_decision === ASK
}

/** Whether an override counts against a rule. */
export function overrides(rule: Rule, override: string, corrections: Corrections): boolean {
  return DENYING_OVERRIDES.has(override) && !holds(rule, corrections)
}

/** Whether a complaint that it should have asked counts against a rule. */
export function missed(rule: Rule, override: string, corrections: Corrections): boolean {
  return (
    override === MISSED_CONFIRMATION &&
    !(corrections['misses-guard'] && rule.policy_decision === ASK)
  )
}

type Trigger = 'rollback' | 'override' | 'failure' | 'missed' | undefined

function suspensionTrigger(
  rule: Rule,
  { result, override, decision }: Feedback,
  corrections: Corrections,
): Trigger {
  const held = holds(rule, corrections)
  if (result === 'rollback' && !held) return 'rollback'
  if (overrides(rule, override, corrections)) return 'override'
  if (result === 'failure' && decision === AUTO && !held) return 'failure'
  return missed(rule, override, corrections) ? 'missed' : undefined
}

/** From confirmed to suspended, if anything speaks for it. Counters are those after this feedback. */
export function suspension(
  rule: Rule,
  feedback: Feedback,
  conflict: boolean,
  corrections: Corrections,
): LifecycleTransition | undefined {
  const trigger = suspensionTrigger(rule, feedback, corrections)
  const reason =
    trigger === 'rollback'
      ? 'rollback'
      : conflict && !holds(rule, corrections)
        ? 'conflict'
        : trigger === 'failure' && rule.failure_streak >= 2
          ? 'repeated_failure'
          : trigger === 'override' && rule.override_streak >= 2
            ? 'repeated_override'
            : trigger === 'missed' && rule.conflict_count >= 2
              ? 'missed_confirmation'
              : undefined
  return reason === undefined ? undefined : { to: 'suspended', event: 'rule_suspended', reason }
}

/** From suspended back to candidate. */
export function reactivation(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
  feedback: Feedback,
  corrections: Corrections,
): LifecycleTransition | undefined {
  const wakes = corrections['support-promotes']
    ? supportSince(rule, outcomes, feedback, corrections) >= 2
    : Math.max(rule.accepted_confirmation_count, rule.accepted_auto_execute_count) >= 2
  return wakes
    ? { to: 'candidate', event: 'rule_reactivated', reason: 'positive_evidence' }
    : undefined
}

/** How many feedbacks since the suspension spoke for the rule, this one included; none if this one does not. */
function supportSince(
  rule: Rule,
  outcomes: readonly DecisionOutcome[],
  feedback: Feedback,
  corrections: Corrections,
): number {
  if (rule.policy_decision === ASK && !corrections['guards-return']) return 0
  if (!supports(rule, feedback, corrections)) return 0
  const since = outcomes.filter(({ at }) => at > rule.last_lifecycle_event_at)
  return 1 + since.filter((outcome) => supports(rule, feedbackOf(outcome), corrections)).length
}

/** From suspended to archived. */
export function archival(rule: Rule, superseded: boolean): LifecycleTransition | undefined {
  const against =
    rule.failure_streak + rule.override_streak + rule.rollback_count + rule.conflict_count
  const reason = superseded
    ? 'superseded'
    : against >= 3
      ? 'continued_negative_evidence'
      : undefined
  return reason === undefined ? undefined : { to: 'archived', event: 'rule_archived', reason }
}

/** What a move changes in a rule. */
export function transitionChanges(transition: LifecycleTransition): Partial<Rule> {
  if (transition.to === 'suspended')
    return { status: 'suspended', suspension_reason: transition.reason }
  if (transition.event !== 'rule_reactivated') return { status: transition.to }
  return {
    status: 'candidate',
    suspension_reason: '',
    failure_streak: 0,
    override_streak: 0,
    conflict_count: 0,
  }
}
