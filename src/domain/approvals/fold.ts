import type { Rows } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Approval, Precedent } from './types.ts'
import type { Lease } from '../leases/types.ts'

const NONE: Precedent = { allowed: 0, denied: 0, lastAt: null }

/** Approvals, leases, and what was decided on the like before. */
export function foldApprovals(event: DeckEvent, rows: Rows): void {
  switch (event.type) {
    case 'approval.requested':
      requested(event as DeckEvent<'approval.requested'>, rows)
      return
    case 'approval.decided':
      decided(event as DeckEvent<'approval.decided'>, rows)
      return
    case 'approval.expired':
      change(rows, (event as DeckEvent<'approval.expired'>).body.id, {
        state: 'expired',
        decidedAt: event.at,
        by: event.actor,
        note: (event as DeckEvent<'approval.expired'>).body.note,
      })
      return
    case 'action.reported': {
      const { id, outcome } = (event as DeckEvent<'action.reported'>).body
      change(rows, id, { outcome })
      return
    }
    case 'action.decided': {
      const { lease } = (event as DeckEvent<'action.decided'>).body
      if (lease !== null) charge(rows, lease)
      return
    }
    case 'lease.granted': {
      const { lease } = (event as DeckEvent<'lease.granted'>).body
      rows.put('lease', lease.id, lease)
      return
    }
    case 'lease.revoked':
      endLease(rows, (event as DeckEvent<'lease.revoked'>).body.id, 'revoked')
      return
    case 'lease.expired':
      endLease(rows, (event as DeckEvent<'lease.expired'>).body.id, 'expired')
      return
    default:
  }
}

function requested(event: DeckEvent<'approval.requested'>, rows: Rows): void {
  const { id, action, fingerprint, risk, reasons, expiresAt } = event.body
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
    note: '',
    edited: null,
    lease: null,
    outcome: null,
    precedent: rows.get<Precedent>('precedent', fingerprint) ?? NONE,
  }
  rows.put('approval', id, approval)
}

function decided(event: DeckEvent<'approval.decided'>, rows: Rows): void {
  const { id, state, note, edited, lease } = event.body
  const approval = change(rows, id, {
    state,
    note,
    edited,
    lease,
    decidedAt: event.at,
    by: event.actor,
  })
  if (approval === undefined) return
  const before = rows.get<Precedent>('precedent', approval.fingerprint) ?? NONE
  rows.put('precedent', approval.fingerprint, {
    allowed: before.allowed + (state === 'allowed' ? 1 : 0),
    denied: before.denied + (state === 'denied' ? 1 : 0),
    lastAt: event.at,
  })
}

function change(rows: Rows, id: string, to: Partial<Approval>): Approval | undefined {
  const approval = rows.get<Approval>('approval', id)
  if (approval !== undefined) rows.put('approval', id, { ...approval, ...to })
  return approval
}

function charge(rows: Rows, id: string): void {
  const lease = rows.get<Lease>('lease', id)
  if (lease === undefined) return
  const usesLeft = Math.max(0, lease.usesLeft - 1)
  rows.put('lease', id, {
    ...lease,
    usesLeft,
    state: usesLeft === 0 && lease.state === 'active' ? 'spent' : lease.state,
  })
}

function endLease(rows: Rows, id: string, state: Lease['state']): void {
  const lease = rows.get<Lease>('lease', id)
  if (lease?.state === 'active') rows.put('lease', id, { ...lease, state })
}
