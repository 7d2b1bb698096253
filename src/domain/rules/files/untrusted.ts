import { revised, rehashed } from '../../../clawpolicy/files/records.ts'
import { splitTrigger } from '../../../clawpolicy/triggers.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import { AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { LEARNED_FOR, LEARNER } from '../lessons.ts'
import { ruleOf, storedOf } from '../stored.ts'
import type { StoredRule } from '../types.ts'

/**
 * A rule of a file whose word is not taken for it: what allows has to be confirmed here, by a person or, if it is one thing, by three yeses, and
 * holds no longer than what is learned here. What would be met by whatever is asked is put away: any three yeses would confirm it.
 */
export function tamed(stored: StoredRule, now: number): StoredRule {
  const rule = owing(ruleOf(stored))
  if (rule.policy_decision !== AUTO || rule.status === 'archived') return stored
  const terms = {
    by: LEARNER,
    expiresAt: Math.min(stored.expiresAt ?? Infinity, now + LEARNED_FOR),
  }
  if (isBlanket(stored)) return storedOf(rehashed(revised(rule, { status: 'archived' })), terms)
  return storedOf(
    rule.status === 'confirmed' ? rehashed(revised(rule, { status: 'candidate' })) : rule,
    terms,
  )
}

/** A rule that has nothing in advance: fewer failures than none would have to be made up for before it is suspended. */
function owing(rule: Rule): Rule {
  const counts = (
    ['failure_streak', 'override_streak', 'rollback_count', 'conflict_count'] as const
  ).filter((key) => rule[key] < 0)
  return counts.length === 0
    ? rule
    : rehashed(revised(rule, Object.fromEntries(counts.map((key) => [key, 0]))))
}

/** Whether nothing in a rule's triggers narrows what it is about, or no more than a kind of action. */
export function isBlanket({ rule: { trigger } }: Pick<StoredRule, 'rule'>): boolean {
  const structured = trigger.flatMap((text) => splitTrigger(text) ?? [])
  if (structured.length > 0)
    return structured.every(
      ({ kind, value }) =>
        kind === 'task_type' || (kind === 'keyword' && normalizeText(value) === ''),
    )
  return trigger.some((text) => normalizeText(text) === '')
}
