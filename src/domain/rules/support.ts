import { isFailure, MISSED_CONFIRMATION } from '../../clawpolicy/evidence.ts'
import { speaksAgainst } from '../../clawpolicy/direction.ts'
import { Lifecycle } from '../../clawpolicy/lifecycle.ts'
import { ruleOf } from './stored.ts'
import type { RuleRecord, RuleOutcome, Setback } from './types.ts'
import type { DecisionOutcome } from '../../clawpolicy/evidence.ts'

/** Outcomes as the gates take them. */
export function outcomesOf(
  kept: Pick<RuleRecord, 'outcomes' | 'rule'> | undefined,
): DecisionOutcome[] {
  return (kept?.outcomes ?? []).map((outcome: RuleOutcome) => ({
    ...outcome,
    rules: [kept?.rule.id ?? ''],
  }))
}

/** How many of the latest outcomes speak for a rule, none against it since. */
export function supportFor(kept: RuleRecord | undefined): number {
  return kept === undefined ? 0 : new Lifecycle().supportInARow(ruleOf(kept), outcomesOf(kept))
}

/** Why a row of yeses begins anew, where the latest outcome spoke against a rule; '' where it did not. */
export function setbackOf(kept: RuleRecord | undefined): Setback {
  const last = kept?.outcomes.at(-1)
  if (kept === undefined || last === undefined || !speaksAgainst(ruleOf(kept), last)) return ''
  return last.result === 'rollback'
    ? 'rolled back'
    : isFailure(last.result)
      ? 'failed'
      : last.override === MISSED_CONFIRMATION
        ? 'unwanted'
        : 'refused'
}
