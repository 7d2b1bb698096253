import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { operatorOf } from '../../operators/rules.ts'
import type { Action } from '../../policy/types.ts'
import { approvalChange } from '../actions/rules.ts'
import { costOf } from '../actions/stats.ts'
import type { RecordData } from '../records/types.ts'
import { countAction } from './totals.ts'
import { WATCHED, type RecordedAction, type LedgerEntry } from './types.ts'

const events = {
  'ledger.recorded': body<{
    org: string
    /** '' for one that no person is asked about. */
    approval: string
    question: string
    action: RecordedAction
    /** What the guard decided, as a record; undefined if that has an event of its own. */
    decision?: RecordData
  }>(),
  'ledger.reported': body<{ org: string; id: string; change: Partial<RecordedAction> }>(),
  'ledger.removed': body<{ org: string; ids: string[] }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}

/** An action that waits, or waited, for an approval. */
export interface HeldAction {
  org: string
  id: string
}

const HIGH_RISK = 70
const WORKFLOW = 'workflow_execute'

/** How the table names an action. */
export function ledgerId(org: string, id: string): string {
  return `${org}/${id}`
}

function entryOf(
  { org, approval, question }: Pick<LedgerEntry, 'org' | 'approval' | 'question'>,
  action: RecordedAction,
): LedgerEntry {
  const { reversible, risk_score: risk, authorization_scope: scope } = action
  const isRisky = !reversible && risk >= HIGH_RISK && (scope ?? '').trim() === ''
  const isWorkflow = action.action_type === WORKFLOW
  return {
    org,
    agent: action.agent_id,
    type: action.action_type,
    status: action.status,
    swarm: action.swarm_id ?? '',
    parent: action.parent_action_id ?? '',
    // No later than it was written down: nothing that an agent tells stays first in the list.
    at: Math.max(0, Math.min(Date.parse(action.timestamp_start), Date.parse(action.created_at))),
    recorded: Date.parse(action.created_at),
    approval,
    question,
    risk,
    cost: costOf(action),
    watched: (isRisky ? WATCHED.risky : 0) + (isWorkflow ? WATCHED.workflow : 0),
    action,
  }
}

function put(rows: Rows, now: LedgerEntry): void {
  const id = ledgerId(now.org, now.action.action_id)
  countAction(rows, { before: rows.get<LedgerEntry>('ledger', id), now })
  rows.put('ledger', id, now)
}

function change(rows: Rows, { org, id }: HeldAction, to: Partial<RecordedAction>): void {
  const entry = rows.get<LedgerEntry>('ledger', ledgerId(org, id))
  if (entry !== undefined) put(rows, entryOf(entry, { ...entry.action, ...to }))
}

interface Ended {
  state: 'allowed' | 'denied'
  by: string
  at: number
  note: string
  edited: Action | null
}

/** What a person's decision, or that nobody decided, makes of the action that waited for it. */
function decided(rows: Rows, approval: string, ended: Ended): void {
  const held = rows.get<HeldAction>('held_action', approval)
  if (held === undefined) return
  const entry = rows.get<LedgerEntry>('ledger', ledgerId(held.org, held.id))
  if (entry?.action.status !== 'pending_approval') return
  const at = new Date(ended.at).toISOString()
  const answer = approvalChange({
    decision: ended.state === 'allowed' ? 'allow' : 'deny',
    by: nameOf(ended.by),
    at,
    why: ended.note === '' ? null : ended.note,
    reasoning: entry.action.reasoning,
  })
  const goal = ended.edited === null ? {} : { declared_goal: ended.edited.target }
  const over = answer.status === 'failed' ? { timestamp_end: at } : {}
  change(rows, held, { ...answer, ...goal, ...over, updated_at: at })
}

/** Who it was, for clients: the operator's name, or the key's. */
function nameOf(actor: string): string {
  return operatorOf(actor) ?? /^key:([^/]+)/.exec(actor)?.[1] ?? actor
}

const SHOWN = 300

/** Without lists, and with long texts cut. */
function forScreen<T extends Partial<RecordedAction>>(action: T): T {
  return Object.fromEntries(
    Object.entries(action).map(([name, value]) => {
      if (typeof value === 'string') return [name, value.slice(0, SHOWN)]
      return [name, Array.isArray(value) ? [] : value]
    }),
  ) as T
}

/** Actions of agents anywhere, as they told them. */
export const ledgerNoun = noun({
  name: 'ledger',
  columns: {
    org: { path: 'org', type: 'TEXT' },
    agent: { path: 'agent', type: 'TEXT' },
    type: { path: 'type', type: 'TEXT' },
    status: { path: 'status', type: 'TEXT' },
    parent: { path: 'parent', type: 'TEXT' },
    at: { path: 'at', type: 'INTEGER' },
    recorded: { path: 'recorded', type: 'INTEGER' },
    watched: { path: 'watched', type: 'INTEGER' },
    swarm: { path: 'swarm', type: 'TEXT' },
    risk: { path: 'risk', type: 'INTEGER' },
    cost: { path: 'cost', type: 'INTEGER' },
  },
  // Those of agents and swarms have all that is added up of their actions.
  indexes: [
    ['org', 'at', 'agent', 'risk'],
    ['org', 'agent', 'at', 'type', 'status', 'swarm', 'risk', 'cost'],
    ['org', 'agent', 'recorded'],
    ['org', 'type', 'at', 'risk'],
    ['org', 'status', 'at', 'agent', 'type', 'risk'],
    ['org', 'swarm', 'at', 'agent', 'type', 'status', 'risk', 'cost'],
    ['org', 'risk', 'at'],
    ['org', 'parent', 'at'],
    ['org', 'watched', 'status', 'at', 'agent'],
  ],
  checkedLate: true,
  brief: 'unchecked',
  events,
  // Screens show few of its fields, and agents may fill the others with much.
  forScreens: {
    'ledger.recorded': (recorded) => ({ ...recorded, action: forScreen(recorded.action) }),
    'ledger.reported': (reported) => ({ ...reported, change: forScreen(reported.change) }),
  },
  folds: {
    'ledger.recorded': ({ body: { org, approval, question, action } }, rows) => {
      put(rows, entryOf({ org, approval, question }, action))
      if (approval !== '')
        rows.put('held_action', approval, { org, id: action.action_id } satisfies HeldAction)
    },
    'ledger.reported': ({ body: { org, id, change: to } }, rows) => change(rows, { org, id }, to),
    'ledger.removed': ({ body: { org, ids } }, rows) => {
      for (const id of ids) {
        const before = rows.get<LedgerEntry>('ledger', ledgerId(org, id))
        countAction(rows, { before })
        rows.drop('ledger', ledgerId(org, id))
        if (before !== undefined && before.approval !== '')
          rows.drop('held_action', before.approval)
      }
    },
    'approval.decided': ({ at, actor, body: { id, state, note, edited, by = [actor] } }, rows) =>
      decided(rows, id, { state, by: by.map(nameOf).join(', '), at, note, edited }),
    'approval.expired': ({ at, actor, body: { id, note } }, rows) =>
      decided(rows, id, { state: 'denied', by: actor, at, note: `Expired: ${note}`, edited: null }),
  },
})

/** Which action waits, or waited, for which approval. */
export const heldActionNoun = noun({
  name: 'held_action',
  checkedLate: true,
  brief: 'unchecked',
  folds: {},
})

/** What actions add up to, folded as they happen. */
export const ledgerTotalNoun = noun({
  name: 'ledger_total',
  sums: true,
  checkedLate: true,
  brief: 'unchecked',
  folds: {},
})
