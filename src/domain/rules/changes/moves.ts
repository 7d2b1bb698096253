import { plain } from '../../../base/text.ts'
import { Fault } from '../../../base/fault.ts'
import { quote } from '../../../base/quote.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import { LEARNED_FOR, renewedExpiry } from '../learning/renewal.ts'
import { hasExpired } from '../rule-book.ts'
import { ruleCan } from '../rules.ts'
import { toRule, withChange } from '../stored.ts'
import { effectOfRule } from '../texts.ts'
import type { RuleEventType, RuleRecord, StoredRule } from '../types.ts'

/** What an operator can do with the state of a rule. */
export type RuleMove = 'confirm' | 'suspend' | 'resume' | 'archive' | 'restore'

export const EVENT_OF_MOVE: Record<RuleMove, RuleEventType> = {
  confirm: 'rule.confirmed',
  suspend: 'rule.suspended',
  resume: 'rule.resumed',
  archive: 'rule.archived',
  restore: 'rule.restored',
}

/** Without a suspension, and with the counters that led to one at zero. */
export const UNSUSPENDED = {
  suspension_reason: '',
  failure_streak: 0,
  override_streak: 0,
  conflict_count: 0,
} as const satisfies Partial<Rule>

/** The fields that a move changes. `at` is ISO 8601. */
function fieldsOf(move: RuleMove, rule: Rule, at: string): Partial<Rule> {
  switch (move) {
    case 'confirm':
      return { status: 'confirmed', ...UNSUSPENDED, last_seen_at: at }
    case 'suspend':
      return { status: 'suspended', suspension_reason: 'operator' }
    case 'resume':
      return { status: 'candidate', ...UNSUSPENDED }
    case 'archive':
      return { status: 'archived' }
    case 'restore':
      return { status: rule.policy_decision === '' ? 'hint' : 'candidate', ...UNSUSPENDED }
  }
}

/** A rule after a move. `at` is ISO 8601, `now` Unix milliseconds. */
export function movedRule(
  record: RuleRecord,
  move: RuleMove,
  { at, now }: { at: string; now: number },
): StoredRule {
  const fields = fieldsOf(move, toRule(record), at)
  const stored = withChange(record, { ...fields, last_lifecycle_event_at: at })
  return { ...stored, expiresAt: expiryAfterMove(record, move, now) }
}

function expiryAfterMove(record: RuleRecord, move: RuleMove, now: number): number | null {
  if (move === 'confirm') return renewedExpiry(record, now)
  return move === 'restore' && hasExpired(record, now) ? now + LEARNED_FOR : record.expiresAt
}

/** Fault `not.possible` for a move that the rule's state does not allow. */
export function refuseMove(record: RuleRecord, move: RuleMove, now: number): void {
  const { rule } = record
  const reason = ruleCan[move]({
    id: rule.id,
    status: rule.status,
    decision: effectOfRule(rule),
    expired: hasExpired(record, now),
  })
  if (reason !== undefined)
    throw new Fault('not.possible', reason, {
      hint: `\`clawdeck policy rule ${quote([rule.id])}\` shows it.`,
    })
}

/** Fault `not.possible` for a rule that would contradict these confirmed rules. */
export function refuseOpposed(opposing: readonly string[], name: string): void {
  const [first] = opposing
  if (first !== undefined)
    throw new Fault(
      'not.possible',
      `${name} contradicts ${opposing.map((id) => plain(id, 80)).join(', ')}, which ${opposing.length === 1 ? 'is' : 'are'} confirmed`,
      { hint: `clawdeck policy suspend ${quote([first])} first, or archive it.` },
    )
}

const DAY_MS = 86_400_000

/** When something expires after so many days, in Unix milliseconds; null for never. */
export function expiryAfter(days: number | null, now: number): number | null {
  return days === null ? null : now + Math.round(days * DAY_MS)
}
