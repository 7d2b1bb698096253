import type { Rows } from '../../../journal/rows.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { OUTCOMES_KEPT } from './stored.ts'
import type { KeptRule, RuleChange } from './types.ts'

/** How often, and when last, a rule answered instead of a person. */
export interface RuleUse { uses: number; lastUsedAt: number }

/** Rules and playbooks as their last event left them, what each rule was used for, and the budget. */
export function foldRules(event: DeckEvent, rows: Rows): void {
  if (event.type.startsWith('rule.')) { changed(event as DeckEvent<'rule.added'>, rows); return }
  switch (event.type) {
    case 'action.decided': { const { rule } = (event as DeckEvent<'action.decided'>).body; if (rule != null) used(rule, event.at, rows); return }
    case 'playbook.saved': { const { playbook } = (event as DeckEvent<'playbook.saved'>).body; rows.put('playbook', playbook.playbook.id, playbook); return }
    case 'playbook.removed': rows.drop('playbook', (event as DeckEvent<'playbook.removed'>).body.id); return
    case 'budget.set': rows.put('budget', 'hour', (event as DeckEvent<'budget.set'>).body); return
    default:
  }
}

function changed({ seq, at, body }: { seq: number; at: number; body: RuleChange }, rows: Rows): void {
  const { id } = body.stored.rule
  const before = rows.get<KeptRule>('rule', id)
  const outcomes = (body.outcomes ?? [...before?.outcomes ?? [], ...body.outcome === null ? [] : [body.outcome]]).slice(-OUTCOMES_KEPT)
  rows.put('rule', id, { ...body.stored, outcomes, changedAt: at, seq } satisfies KeptRule)
}

function used(id: string, at: number, rows: Rows): void {
  const before = rows.get<RuleUse>('rule_use', id)
  rows.put('rule_use', id, { uses: (before?.uses ?? 0) + 1, lastUsedAt: at } satisfies RuleUse)
}
