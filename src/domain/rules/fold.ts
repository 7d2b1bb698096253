import type { Rows } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { OUTCOMES_KEPT } from './stored.ts'
import type { KeptRule, RuleChange, RuleEventType, StoredRule } from './types.ts'

/** How often, and when last, a rule answered instead of a person. */
export interface RuleUse {
  uses: number
  lastUsedAt: number
}

/** Rules and playbooks as their last event left them, what each rule was used for, and the budget. */
export function foldRules(event: DeckEvent, rows: Rows): void {
  if (event.type.startsWith('rule.')) {
    const change = event as DeckEvent<RuleEventType>
    rows.put(
      'rule',
      change.body.stored.rule.id,
      keptAfter(rows.get<KeptRule>('rule', change.body.stored.rule.id), change),
    )
    return
  }
  switch (event.type) {
    case 'action.decided': {
      const { rule } = (event as DeckEvent<'action.decided'>).body
      if (rule != null) used(rule, event.at, rows)
      return
    }
    case 'playbook.saved': {
      const { playbook } = (event as DeckEvent<'playbook.saved'>).body
      rows.put('playbook', playbook.playbook.id, playbook)
      return
    }
    case 'playbook.removed':
      rows.drop('playbook', (event as DeckEvent<'playbook.removed'>).body.id)
      return
    case 'budget.set':
      rows.put('budget', 'hour', (event as DeckEvent<'budget.set'>).body)
      return
    default:
  }
}

/** The row of a rule after one of its events. */
export function keptAfter(
  before: KeptRule | undefined,
  { type, seq, at, body }: { type: RuleEventType; seq: number; at: number; body: RuleChange },
): KeptRule {
  const earlier = before === undefined || anew(type, before, body.stored) ? [] : before.outcomes
  const outcomes = (
    body.outcomes ?? [...earlier, ...(body.outcome === null ? [] : [body.outcome])]
  ).slice(-OUTCOMES_KEPT)
  return { ...body.stored, outcomes, changedAt: at, seq }
}

/** Evidence is counted from the last suspension on, and from when a rule became about what it is about. */
function anew(type: RuleEventType, { rule: was }: StoredRule, { rule: is }: StoredRule): boolean {
  if (type === 'rule.suspended' || type === 'rule.restored') return true
  return (
    was.policy_decision !== is.policy_decision ||
    was.scope !== is.scope ||
    was.scope_key !== is.scope_key ||
    was.trigger.length !== is.trigger.length ||
    was.trigger.some((text, at) => text !== is.trigger[at])
  )
}

function used(id: string, at: number, rows: Rows): void {
  const before = rows.get<RuleUse>('rule_use', id)
  rows.put('rule_use', id, { uses: (before?.uses ?? 0) + 1, lastUsedAt: at } satisfies RuleUse)
}
