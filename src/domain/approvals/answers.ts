import type { DeckEvent } from '../../journal/types.ts'
import type { Decision, Reason } from '../policy/types.ts'
import type { Answer, Approval } from './types.ts'

/** What the agent hears of an approval as it stands. Only an operator's yes is an allow. */
export function answerOf(a: Approval): Answer {
  const decided: Record<Approval['state'], [Decision, Reason[]]> = {
    pending: ['require_approval', a.reasons],
    allowed: [
      'allow',
      [{ layer: 'operator', text: a.note === '' ? `allowed by ${a.by}` : a.note }],
    ],
    denied: ['block', [{ layer: 'operator', text: a.note === '' ? `denied by ${a.by}` : a.note }]],
    expired: ['block', [{ layer: 'expiry', text: a.note }]],
  }
  const [decision, reasons] = decided[a.state]
  return {
    id: a.id,
    decision,
    pending: a.state === 'pending',
    reasons,
    risk: a.risk,
    edited: a.edited,
    expiresAt: a.state === 'pending' ? a.expiresAt : null,
  }
}

/** What the agent hears when no person was needed. */
export function answerOfDecided({ body }: DeckEvent<'action.decided'>): Answer {
  return {
    id: body.id,
    decision: body.decision,
    pending: false,
    reasons: body.reasons,
    risk: body.risk,
    edited: null,
    expiresAt: null,
  }
}

/** What the agent hears when a person is needed. */
export function answerOfRequested({ body }: DeckEvent<'approval.requested'>): Answer {
  return {
    id: body.id,
    decision: 'require_approval',
    pending: true,
    reasons: body.reasons,
    risk: body.risk,
    edited: null,
    expiresAt: body.expiresAt,
  }
}
