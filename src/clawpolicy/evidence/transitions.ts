import type { Rule } from '../types.ts'

/** A change of a rule's status, and why. */
export interface LifecycleTransition {
  to: 'candidate' | 'confirmed' | 'suspended' | 'archived'
  event: 'rule_promoted' | 'rule_suspended' | 'rule_reactivated' | 'rule_archived'
  reason: string
}

export const PROMOTED: LifecycleTransition = {
  to: 'confirmed',
  event: 'rule_promoted',
  reason: 'candidate_promoted',
}

export const REACTIVATED: LifecycleTransition = {
  to: 'candidate',
  event: 'rule_reactivated',
  reason: 'positive_evidence',
}

export function suspendedFor(reason: string): LifecycleTransition {
  return { to: 'suspended', event: 'rule_suspended', reason }
}

/**
 * Why a suspended rule is archived; undefined if it stays. `superseded`: a comparable rule is
 * confirmed.
 */
export function archival(rule: Rule, superseded: boolean): LifecycleTransition | undefined {
  const against =
    rule.failure_streak + rule.override_streak + rule.rollback_count + rule.conflict_count
  if (!superseded && against < 3) return undefined
  const reason = superseded ? 'superseded' : 'continued_negative_evidence'
  return { to: 'archived', event: 'rule_archived', reason }
}

/** The fields that a transition changes in a rule. */
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
