import { body, noun, type BodiesOf, type Body, type Folds } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { OUTCOMES_KEPT } from './stored.ts'
import {
  RULE_EVENTS,
  type RuleRecord,
  type RuleChange,
  type RuleEventType,
  type RuleRow,
  type StoredPlaybook,
  type StoredRule,
} from './types.ts'

const events = {
  ...(Object.fromEntries(RULE_EVENTS.map((type) => [type, body<RuleChange>()])) as Record<
    RuleEventType,
    Body<RuleChange>
  >),
  'rules.imported': body<{ source: string; rules: number; playbooks: number; lines: string[] }>(),
  'rules.exported': body<{ path: string; rules: number }>(),
}
const playbookEvents = {
  'playbook.saved': body<{ playbook: StoredPlaybook }>(),
  'playbook.removed': body<{ id: string }>(),
}
const budgetEvents = {
  'budget.set': body<{ perHour: number | null }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies
    extends
      BodiesOf<typeof events>,
      BodiesOf<typeof playbookEvents>,
      BodiesOf<typeof budgetEvents> {}
  interface MirroredRows {
    rule: RuleRow
  }
}

/** How often, and when last, a rule decided instead of a person. */
export interface RuleUse {
  uses: number
  lastUsedAt: number
}

/** A rule's record after one of its events. */
function recordAfter(
  before: RuleRecord | undefined,
  {
    type,
    seq,
    at,
    body: change,
  }: { type: RuleEventType; seq: number; at: number; body: RuleChange },
): RuleRecord {
  const earlier =
    before === undefined || restartsEvidence(type, before, change.stored) ? [] : before.outcomes
  const outcomes = (
    change.outcomes ?? [...earlier, ...(change.outcome === null ? [] : [change.outcome])]
  ).slice(-OUTCOMES_KEPT)
  return { ...change.stored, outcomes, changedAt: at, seq }
}

/** Evidence counts from the last suspension, and from the last change of what a rule covers. */
function restartsEvidence(
  type: RuleEventType,
  { rule: was }: StoredRule,
  { rule: is }: StoredRule,
): boolean {
  if (type === 'rule.suspended' || type === 'rule.restored') return true
  return (
    was.policy_decision !== is.policy_decision ||
    was.scope !== is.scope ||
    was.scope_key !== is.scope_key ||
    was.trigger.length !== is.trigger.length ||
    was.trigger.some((text, at) => text !== is.trigger[at])
  )
}

function ruleChanged(event: DeckEvent<RuleEventType>, rows: Rows): void {
  const { id } = event.body.stored.rule
  rows.put('rule', id, recordAfter(rows.get<RuleRecord>('rule', id), event))
}

/** Learned rules, with their state and latest evidence. */
export const ruleNoun = noun({
  name: 'rule',
  columns: {
    status: { path: '$.rule.status', type: 'TEXT' },
    changedAt: { path: 'changedAt', type: 'INTEGER' },
  },
  indexes: [['status', 'changedAt']],
  journalIndexes: {
    event_by_rule: `(body ->> '$.stored.rule.id', seq) WHERE type >= 'rule.' AND type < 'rule/'`,
  },
  events,
  folds: Object.fromEntries(RULE_EVENTS.map((type) => [type, ruleChanged])) as Folds,
  checkedLate: true,
  // A rule that differs from the journal may allow too much; so may a missing one that asks.
  grants: () => true,
  // Imported lines can be megabytes, and no screen shows them.
  forScreens: { 'rules.imported': (imported) => ({ ...imported, lines: [] }) },
})

/** How rules were used. */
export const ruleUseNoun = noun({
  name: 'rule_use',
  folds: {
    'action.decided': ({ at, body: { rule } }, rows) => {
      if (rule === undefined || rule === null) return
      const before = rows.get<RuleUse>('rule_use', rule)
      rows.put('rule_use', rule, { uses: (before?.uses ?? 0) + 1, lastUsedAt: at })
    },
  },
  brief: 'unchecked',
})

/** Groups of rules. */
export const playbookNoun = noun({
  name: 'playbook',
  events: playbookEvents,
  folds: {
    'playbook.saved': ({ body: { playbook } }, rows) =>
      rows.put('playbook', playbook.playbook.id, playbook),
    'playbook.removed': ({ body: { id } }, rows) => rows.drop('playbook', id),
  },
  checkedLate: true,
})

/** How often the operator accepts to be interrupted. */
export const budgetNoun = noun({
  name: 'budget',
  events: budgetEvents,
  folds: { 'budget.set': ({ body: wish }, rows) => rows.put('budget', 'hour', wish) },
})
