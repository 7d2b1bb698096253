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

/** How often, and when last, a rule answered instead of a person. */
export interface RuleUse {
  uses: number
  lastUsedAt: number
}

/** The row of a rule after one of its events. */
export function keptAfter(
  before: RuleRecord | undefined,
  {
    type,
    seq,
    at,
    body: change,
  }: { type: RuleEventType; seq: number; at: number; body: RuleChange },
): RuleRecord {
  const earlier = before === undefined || anew(type, before, change.stored) ? [] : before.outcomes
  const outcomes = (
    change.outcomes ?? [...earlier, ...(change.outcome === null ? [] : [change.outcome])]
  ).slice(-OUTCOMES_KEPT)
  return { ...change.stored, outcomes, changedAt: at, seq }
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

function changed(event: DeckEvent<RuleEventType>, rows: Rows): void {
  const { id } = event.body.stored.rule
  rows.put('rule', id, keptAfter(rows.get<RuleRecord>('rule', id), event))
}

/** What was learned: a rule, its state and its latest evidence. */
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
  folds: Object.fromEntries(RULE_EVENTS.map((type) => [type, changed])) as Folds,
  checkedLate: true,
  // A rule that is not as the journal says may allow what it should not; so may one that is missing, where it asked.
  grants: () => true,
  // What came in with files can be megabytes of lines, which no screen shows.
  forScreens: { 'rules.imported': (imported) => ({ ...imported, lines: [] }) },
})

/** What rules were used for. */
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

/** Rules that belong together. */
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

/** How often the operator is willing to be interrupted. */
export const budgetNoun = noun({
  name: 'budget',
  events: budgetEvents,
  folds: { 'budget.set': ({ body: wish }, rows) => rows.put('budget', 'hour', wish) },
})
