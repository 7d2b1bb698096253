import { isFailure, MISSED_CONFIRMATION } from '../../../clawpolicy/evidence/evidence.ts'
import { speaksAgainst } from '../../../clawpolicy/evidence/direction.ts'
import { Lifecycle } from '../../../clawpolicy/evidence/lifecycle.ts'
import { toRule } from '../stored.ts'
import type { RuleRecord, RuleOutcome, Setback } from '../types.ts'
import type { DecisionOutcome } from '../../../clawpolicy/evidence/evidence.ts'

/** The outcomes of a rule as the engine's gates read them. */
export function outcomesOf(
  record: Pick<RuleRecord, 'outcomes' | 'rule'> | undefined,
): DecisionOutcome[] {
  return (record?.outcomes ?? []).map((outcome: RuleOutcome) => ({
    ...outcome,
    rules: [record?.rule.id ?? ''],
  }))
}

/** How many of the latest outcomes support a rule, counted back to the last that did not. */
export function supportFor(record: RuleRecord | undefined): number {
  return record === undefined
    ? 0
    : new Lifecycle().supportInARow(toRule(record), outcomesOf(record))
}

/**
 * How the latest outcome spoke against a rule, so that its support starts again; '' if it did not.
 */
export function setbackOf(record: RuleRecord | undefined): Setback {
  const latest = record?.outcomes.at(-1)
  if (record === undefined || latest === undefined || !speaksAgainst(toRule(record), latest))
    return ''
  if (latest.result === 'rollback') return 'rolled back'
  if (isFailure(latest.result)) return 'failed'
  return latest.override === MISSED_CONFIRMATION ? 'unwanted' : 'refused'
}
