import { isDeepStrictEqual } from 'node:util'
import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { countWaiting } from '../agents/noun.ts'
import type { Action, Decision, Reason, Risk } from '../policy/types.ts'
import { newQuorum, withAgreement, withoutAgreement } from './quorum.ts'
import type { Agreement, Approval, Looking, Outcome, Precedent, QuorumTerms } from './types.ts'

/** What is journalled of every question. */
interface AskedAction {
  id: string
  action: Action
  fingerprint: string
  risk: Risk
  reasons: Reason[]
  policies: string[]
}

const events = {
  'action.decided': body<
    AskedAction & { decision: Decision; lease: string | null; rule?: string | null }
  >(),
  'action.refused': body<{ reason: string; what: string }>(),
  'action.reported': body<{ id: string; outcome: Outcome }>(),
  'approval.requested': body<AskedAction & { expiresAt: number; quorum?: QuorumTerms }>(),
  'approval.agreed': body<{
    id: string
    agreement: Omit<Agreement, 'actor' | 'at'>
    quorum: QuorumTerms
  }>(),
  /** It counts no longer: whoever agreed has lost their rights, or their device its trust. */
  'approval.agreement_withdrawn': body<{ id: string; operator: string; why: string }>(),
  /** Somebody agreed whose word does not count. */
  'approval.agreement_refused': body<{ id: string; why: string }>(),
  'approval.decided': body<{
    id: string
    state: 'allowed' | 'denied'
    note: string
    edited: Action | null
    lease: string | null
    /** Everybody who agreed, where more than one decision was asked for. */
    by?: string[]
  }>(),
  'approval.expired': body<{ id: string; note: string }>(),
  /** Its agent is frozen: its time stands still. */
  'approval.held': body<{ id: string; since: number }>(),
  /** It expires that much later. */
  'approval.resumed': body<{ id: string; heldMs: number; expiresAt: number }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    approval: Approval
    looking: Looking
  }
}

const NONE: Precedent = { allowed: 0, denied: 0, lastAt: null }

function precedentOf(rows: Rows, fingerprint: string): Precedent {
  return rows.get<Precedent>('precedent', fingerprint) ?? NONE
}

function requested(event: DeckEvent<'approval.requested'>, rows: Rows): void {
  const { id, action, fingerprint, risk, reasons, expiresAt, quorum } = event.body
  const approval: Approval = {
    id,
    agent: event.subject,
    action,
    risk,
    reasons,
    fingerprint,
    askedAt: event.at,
    expiresAt,
    state: 'pending',
    decidedAt: null,
    by: '',
    ...(quorum === undefined ? {} : { quorum: newQuorum(quorum) }),
    note: '',
    edited: null,
    lease: null,
    outcome: null,
    precedent: precedentOf(rows, fingerprint),
  }
  rows.put('approval', id, approval)
  countWaiting(rows, event.subject, 1)
}

function agreed({ body, at, actor }: DeckEvent<'approval.agreed'>, rows: Rows): void {
  const before = rows.get<Approval>('approval', body.id)?.quorum
  const quorum = withAgreement(before, body.quorum, { ...body.agreement, actor, at })
  change(rows, body.id, { quorum })
}

function withdrawn({ body }: DeckEvent<'approval.agreement_withdrawn'>, rows: Rows): void {
  const before = rows.get<Approval>('approval', body.id)?.quorum
  if (before !== undefined)
    change(rows, body.id, { quorum: withoutAgreement(before, body.operator) })
}

function decided(event: DeckEvent<'approval.decided'>, rows: Rows): void {
  const { id, state, note, edited, lease, by = [event.actor] } = event.body
  change(rows, id, { state, note, edited, lease, decidedAt: event.at, by: by.join(', ') })
  countWaiting(rows, event.subject, -1)
}

function expired(event: DeckEvent<'approval.expired'>, rows: Rows): void {
  const { id, note } = event.body
  change(rows, id, { state: 'expired', decidedAt: event.at, by: event.actor, note })
  countWaiting(rows, event.subject, -1)
}

function resumed(rows: Rows, id: string, heldMs: number, expiresAt: number): void {
  const approval = rows.get<Approval>('approval', id)
  if (approval === undefined) return
  const { heldSince: _, heldMs: before = 0, ...rest } = approval
  rows.put('approval', id, { ...rest, expiresAt, heldMs: before + heldMs })
}

function change(rows: Rows, id: string, to: Partial<Approval>): void {
  const approval = rows.get<Approval>('approval', id)
  if (approval !== undefined) rows.put('approval', id, { ...approval, ...to })
}

/** Actions that wait for a person, or were decided by one. */
export const approvalNoun = noun({
  name: 'approval',
  columns: {
    state: { path: 'state', type: 'TEXT' },
    agent: { path: 'agent', type: 'TEXT' },
    askedAt: { path: 'askedAt', type: 'INTEGER' },
  },
  indexes: [['state', 'askedAt'], ['askedAt']],
  events,
  folds: {
    'approval.requested': requested,
    'approval.agreed': agreed,
    'approval.agreement_withdrawn': withdrawn,
    'approval.decided': decided,
    'approval.expired': expired,
    'approval.held': ({ body: { id, since } }, rows) => change(rows, id, { heldSince: since }),
    'approval.resumed': ({ body: { id, heldMs, expiresAt } }, rows) =>
      resumed(rows, id, heldMs, expiresAt),
    'action.reported': ({ body: { id, outcome } }, rows) => change(rows, id, { outcome }),
  },
  brief: {
    skip: { 'action.reported': true },
    known: (row) => ({ ...row, outcome: null }),
  },
  grants: (here, expected) =>
    (isAllowed(here) && !isAllowed(expected)) || hasOtherQuorum(here, expected),
  mirror: [
    "WHERE state = 'pending' ORDER BY askedAt",
    "WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT 50",
  ],
  agentOf: ({ agent }: Approval) => agent,
})

function isAllowed(row: object | undefined): boolean {
  return (row as Partial<Approval> | undefined)?.state === 'allowed'
}

/** Whether other people have agreed, or have to, than the journal tells. */
function hasOtherQuorum(here: object | undefined, expected: object | undefined): boolean {
  const { state, quorum } = (here ?? {}) as Partial<Approval>
  return (
    state === 'pending' &&
    expected !== undefined &&
    !isDeepStrictEqual(quorum, (expected as Partial<Approval>).quorum)
  )
}

/** Who has a question open. It is not journalled. */
export const lookingNoun = noun({
  name: 'looking',
  table: false,
  folds: {},
  agentOf: ({ agent }: Looking) => agent,
})

/** How often equal actions were decided, by their fingerprint. */
export const precedentNoun = noun({
  name: 'precedent',
  folds: {
    'approval.decided': ({ at, body: { id, state } }, rows) => {
      const approval = rows.get<Approval>('approval', id)
      if (approval === undefined) return
      const before = precedentOf(rows, approval.fingerprint)
      const now: Precedent = {
        allowed: before.allowed + (state === 'allowed' ? 1 : 0),
        denied: before.denied + (state === 'denied' ? 1 : 0),
        lastAt: at,
      }
      rows.put('precedent', approval.fingerprint, now)
    },
  },
})
