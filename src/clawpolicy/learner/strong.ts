import { DENYING_OVERRIDES, type DecisionOutcome } from '../evidence/evidence.ts'
import { AUTO } from '../types.ts'

/** Counts of outcomes that are strong evidence. For reports; nothing acts on them. */
export interface StrongEvidence {
  explicit_user_corrections: number
  accepted_auto_executes: number
  rollback_failures: number
  repeated_failures: number
  override_against_rule: number
  sample_size: number
  source: 'policy_events'
}

const CORRECTS = new Set(['confirmed_after_prompt', 'prefer_auto_execute', 'prefer_confirmation'])

/** The evidence in the outcomes of a log. */
export function strongEvidence(outcomes: readonly DecisionOutcome[]): StrongEvidence {
  const count = (is: (outcome: DecisionOutcome) => boolean) => outcomes.filter(is).length
  return {
    explicit_user_corrections: count(({ override }) => CORRECTS.has(override)),
    accepted_auto_executes: count(
      ({ result, decision }) => result === 'success' && decision === AUTO,
    ),
    rollback_failures: count(({ result }) => result === 'rollback'),
    repeated_failures: count(({ result }) => result === 'failure'),
    override_against_rule: count(({ override }) => DENYING_OVERRIDES.has(override)),
    sample_size: outcomes.length,
    source: 'policy_events',
  }
}
