import type { Corrections } from './corrections.ts'
import { APPROVING_OVERRIDES, isFailure } from './evidence.ts'
import { holds, missed, overrides, type Feedback } from './lifecycle.ts'
import { AUTO, type Rule } from './types.ts'

/** What a feedback changes in the counters of a rule, and in its confidence. */
export function counterChanges(
  rule: Rule,
  feedback: Feedback,
  explicit: boolean,
  corrections: Corrections,
): Partial<Rule> {
  const { result, override } = feedback
  const common: Partial<Rule> = {
    evidence_count: rule.evidence_count + 1,
    ...(rule.status === 'hint' ? { status: 'candidate' } : {}),
    ...(missed(rule, override, corrections) ? { conflict_count: rule.conflict_count + 1 } : {}),
  }
  return {
    ...common,
    ...(result === 'success'
      ? bySuccess(rule, feedback, explicit, corrections)
      : byOther(rule, feedback, corrections)),
  }
}

function bySuccess(
  rule: Rule,
  { override }: Feedback,
  explicit: boolean,
  corrections: Corrections,
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
    override_streak: overrides(rule, override, corrections) ? rule.override_streak + 1 : 0,
  }
}

function byOther(
  rule: Rule,
  { result, override }: Feedback,
  corrections: Corrections,
): Partial<Rule> {
  // A failure is what a rule that asks has warned of.
  const warned = holds(rule, corrections)
  return {
    success_streak: 0,
    confidence:
      rule.policy_decision === AUTO
        ? Math.max(0, rule.confidence - 0.2)
        : Math.min(1, rule.confidence + 0.05),
    ...(isFailure(result) && !warned ? { failure_streak: rule.failure_streak + 1 } : {}),
    ...(result === 'rollback' && !warned ? { rollback_count: rule.rollback_count + 1 } : {}),
    ...(overrides(rule, override, corrections)
      ? { override_streak: rule.override_streak + 1 }
      : {}),
  }
}
