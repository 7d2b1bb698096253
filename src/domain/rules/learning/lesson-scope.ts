import type { ConfirmationDecision } from '../../../clawpolicy/decision/decision.ts'
import { textField } from '../../../clawpolicy/evidence/evidence.ts'
import type { JsonObject } from '../../../clawpolicy/files/json.ts'
import { splitTrigger } from '../../../clawpolicy/matching/triggers.ts'
import { AUTO, type RiskLevel, type Rule } from '../../../clawpolicy/types.ts'
import { LEARNER } from './renewal.ts'
import type { RuleBook } from '../rule-book.ts'

const EXACT_TRIGGERS = new Set(['command', 'task'])

/** Whether a rule is about one action only. */
export function coversOneAction({ trigger }: Pick<Rule, 'trigger'>): boolean {
  return trigger.some((text) => EXACT_TRIGGERS.has(splitTrigger(text)?.kind ?? ''))
}

/** The matched rules, as the decision's record lists them, that an approval of it supports. */
export function supportedRules(
  { record, matched, risk }: ConfirmationDecision,
  book: RuleBook,
): JsonObject[] {
  const tooWide = new Set(
    matched
      .filter((rule) => isTooWide(rule, book.get(rule.id)?.by, risk.level))
      .map(({ id }) => id),
  )
  return (record.get('matched_rules') as JsonObject[]).filter(
    (rule) => !tooWide.has(textField(rule, 'id')),
  )
}

/**
 * Whether a rule covers more than an approval of one action supports. Otherwise approving the
 * riskiest action of a kind would allow all of that kind, and approvals of small actions would
 * confirm what a file wants to have allowed.
 */
function isTooWide(rule: Rule, by: string | undefined, risk: RiskLevel): boolean {
  const { policy_decision, status, risk_level } = rule
  if (policy_decision !== AUTO || coversOneAction(rule)) return false
  const isUnconfirmed = status !== 'confirmed' && by === LEARNER
  return isUnconfirmed || (isSevere(risk) && !isSevere(risk_level))
}

function isSevere(level: string): boolean {
  return level === 'high' || level === 'critical'
}
