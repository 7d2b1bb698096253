import type { Feedback, FeedbackDirection } from './direction.ts'
import { APPROVING_OVERRIDES, isFailure } from './evidence.ts'
import { AUTO, type Rule } from '../types.ts'

/**
 * What a feedback changes in a rule's counters and confidence. `explicit`: a person said so with an
 * override.
 */
export function counterChanges(
  rule: Rule,
  feedback: Feedback,
  explicit: boolean,
  direction: FeedbackDirection,
): Partial<Rule> {
  const missed = direction.isMissed(rule, feedback.override)
  return {
    evidence_count: rule.evidence_count + 1,
    ...(rule.status === 'hint' ? { status: 'candidate' } : {}),
    ...(missed ? { conflict_count: rule.conflict_count + 1 } : {}),
    ...(feedback.result === 'success'
      ? successChanges(rule, feedback, explicit, direction)
      : failureChanges(rule, feedback, direction)),
  }
}

function successChanges(
  rule: Rule,
  { override }: Feedback,
  explicit: boolean,
  direction: FeedbackDirection,
): Partial<Rule> {
  return {
    success_streak: rule.success_streak + 1,
    failure_streak: 0,
    confidence: Math.min(1, rule.confidence + (explicit ? 0.1 : 0.05)),
    ...(rule.policy_decision === AUTO
      ? { accepted_auto_execute_count: rule.accepted_auto_execute_count + 1 }
      : {}),
    ...(APPROVING_OVERRIDES.has(override)
      ? { accepted_confirmation_count: rule.accepted_confirmation_count + 1 }
      : {}),
    override_streak: direction.isOverridden(rule, override) ? rule.override_streak + 1 : 0,
  }
}

function failureChanges(
  rule: Rule,
  { result, override }: Feedback,
  direction: FeedbackDirection,
): Partial<Rule> {
  // A failure confirms the warning of a protected rule; it does not count against it.
  const counts = !direction.isProtected(rule)
  return {
    success_streak: 0,
    confidence:
      rule.policy_decision === AUTO
        ? Math.max(0, rule.confidence - 0.2)
        : Math.min(1, rule.confidence + 0.05),
    ...(isFailure(result) && counts ? { failure_streak: rule.failure_streak + 1 } : {}),
    ...(result === 'rollback' && counts ? { rollback_count: rule.rollback_count + 1 } : {}),
    ...(direction.isOverridden(rule, override)
      ? { override_streak: rule.override_streak + 1 }
      : {}),
  }
}
