import { CORRECTED } from '../learned/corrections.ts'
import { supportInARow } from '../learned/lifecycle.ts'
import { ruleOf } from './stored.ts'
import type { KeptRule, RuleOutcome } from './types.ts'
import type { Outcome } from '../learned/evidence.ts'

/** Outcomes as the gates take them. */
export function outcomesOf(kept: Pick<KeptRule, 'outcomes' | 'rule'> | undefined): Outcome[] {
  return (kept?.outcomes ?? []).map((outcome: RuleOutcome) => ({ ...outcome, rules: [kept?.rule.id ?? ''] }))
}

/** How many of the latest outcomes speak for a rule, none against it since. */
export function supportFor(kept: KeptRule | undefined): number {
  return kept === undefined ? 0 : supportInARow(ruleOf(kept), outcomesOf(kept), CORRECTED)
}
