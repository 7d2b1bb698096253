import { revised, rehashed } from '../../../clawpolicy/files/records.ts'
import { splitTrigger } from '../../../clawpolicy/matching/triggers.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import { AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { LEARNED_FOR, LEARNER } from '../learning/renewal.ts'
import { toRule, toStored } from '../stored.ts'
import type { StoredRule } from '../types.ts'

/**
 * A rule from a file that is not trusted. One that allows has to be confirmed here, by a person or,
 * if it covers one thing only, by three approvals; and it expires as a learned rule does. One that
 * matches every question is archived: any three approvals would confirm it.
 */
export function sanitized(stored: StoredRule, now: number): StoredRule {
  const rule = withClampedCounters(toRule(stored))
  if (rule.policy_decision !== AUTO || rule.status === 'archived') return stored
  const terms = {
    by: LEARNER,
    expiresAt: Math.min(stored.expiresAt ?? Infinity, now + LEARNED_FOR),
  }
  if (isBlanket(stored)) return toStored(rehashed(revised(rule, { status: 'archived' })), terms)
  return toStored(
    rule.status === 'confirmed' ? rehashed(revised(rule, { status: 'candidate' })) : rule,
    terms,
  )
}

const COUNTERS = ['failure_streak', 'override_streak', 'rollback_count', 'conflict_count'] as const

/** Negative counters become 0: otherwise a rule could fail several times more than others may. */
function withClampedCounters(rule: Rule): Rule {
  const negative = COUNTERS.filter((key) => rule[key] < 0)
  return negative.length === 0
    ? rule
    : rehashed(revised(rule, Object.fromEntries(negative.map((key) => [key, 0]))))
}

/** Whether a rule's triggers match every question, or every question of one type. */
export function isBlanket({ rule: { trigger } }: Pick<StoredRule, 'rule'>): boolean {
  const structured = trigger.flatMap((text) => splitTrigger(text) ?? [])
  if (structured.length > 0)
    return structured.every(
      ({ kind, value }) =>
        kind === 'task_type' || (kind === 'keyword' && normalizeText(value) === ''),
    )
  return trigger.some((text) => normalizeText(text) === '')
}
