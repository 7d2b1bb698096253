import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { NOBODY_DECIDED } from '../approvals/rules.ts'
import type { AlertQuestion, Escalation, QuietSummary } from './types.ts'

const escalationEvents = {
  'approval.escalated': body<{
    id: string
    step: number
    of: number
    to: readonly string[]
    question: AlertQuestion
  }>(),
  /** Nobody answered in time. */
  'approval.unanswered': body<{ id: string; to: readonly string[]; question: AlertQuestion }>(),
}

const heldEvents = {
  /** Told in the summary at the end of quiet hours instead. `step`: how many steps were taken. */
  'alert.held': body<{ id: string; step: number; to: readonly string[] }>(),
  'alert.summarised': body<{ to: readonly string[] } & QuietSummary>(),
}

const alertEvents = {
  /** What became of the message of event `of`. */
  'alert.told': body<{
    of: number
    told: readonly string[]
    failed: readonly { to: string; why: string }[]
  }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies
    extends
      BodiesOf<typeof escalationEvents>,
      BodiesOf<typeof heldEvents>,
      BodiesOf<typeof alertEvents> {}
  interface MirroredRows {
    escalation: Escalation
  }
}

/** How far questions have been escalated, until somebody decides. */
export const escalationNoun = noun({
  name: 'escalation',
  events: escalationEvents,
  folds: {
    'approval.escalated': ({ at, subject, body: { id, step, to } }, rows) =>
      rows.put('escalation', id, {
        id,
        agent: subject,
        step,
        to,
        at,
        held: false,
        over: false,
      } satisfies Escalation),
    'alert.held': ({ at, subject, body: { id, step, to } }, rows) =>
      rows.put('escalation', id, {
        id,
        agent: subject,
        step,
        to,
        at,
        held: true,
        over: false,
      } satisfies Escalation),
    'approval.decided': ({ body: { id } }, rows) => rows.drop('escalation', id),
    'approval.expired': ({ body: { id, note } }, rows) => {
      const row = rows.get<Escalation>('escalation', id)
      if (note !== NOBODY_DECIDED) rows.drop('escalation', id)
      else if (row !== undefined) rows.put('escalation', id, { ...row, over: true })
    },
    'approval.unanswered': ({ body: { id } }, rows) => rows.drop('escalation', id),
  },
  mirror: [''],
  agentOf: ({ agent }: Escalation) => agent,
})

/** What a recipient is told when quiet hours end. */
export interface HeldBack {
  /** The recipient. */
  id: string
  approvals: readonly string[]
  /** With those that are not listed any more. */
  count: number
}

const MOST_LISTED = 100

/** What quiet hours held back, by recipient. */
export const heldNoun = noun({
  name: 'held_alert',
  events: heldEvents,
  folds: {
    'alert.held': ({ body: { id, to } }, rows) => {
      for (const one of to) hold(rows, one, id)
    },
    'alert.summarised': ({ body: { to } }, rows) => {
      for (const one of to) rows.drop('held_alert', one)
    },
  },
})

function hold(rows: Rows, recipient: string, approval: string): void {
  const before = rows.get<HeldBack>('held_alert', recipient)
  const approvals = before?.approvals ?? []
  if (approvals.includes(approval)) return
  rows.put('held_alert', recipient, {
    id: recipient,
    approvals: [...approvals, approval].slice(-MOST_LISTED),
    count: (before?.count ?? 0) + 1,
  })
}

type MessageEvent = DeckEvent<
  'approval.escalated' | 'approval.unanswered' | 'alert.summarised' | 'absence.warned'
>

function send({ seq, body: { to } }: MessageEvent, rows: Rows): void {
  if (to.length > 0) rows.put('alert', String(seq), { seq })
}

/** Messages of which it is not known yet what became of them, by their event. */
export const alertNoun = noun({
  name: 'alert',
  events: alertEvents,
  folds: {
    'approval.escalated': send,
    'approval.unanswered': send,
    'alert.summarised': send,
    'absence.warned': send,
    'alert.told': ({ body: { of } }, rows) => rows.drop('alert', String(of)),
  },
})
