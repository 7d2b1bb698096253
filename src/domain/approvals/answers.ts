import type { DeckEvent } from '../../journal/types.ts'
import type { Decision, Reason } from '../policy/types.ts'
import type { Answer, Approval } from './types.ts'

/** The answer to an agent that asked for approval. Only an operator's approval allows. */
export function answerOf(approval: Approval): Answer {
  const { id, state, reasons, note, by, risk, edited, expiresAt } = approval
  const answers: Record<Approval['state'], [Decision, Reason[]]> = {
    pending: ['require_approval', reasons],
    allowed: ['allow', [{ layer: 'operator', text: note === '' ? `allowed by ${by}` : note }]],
    denied: ['block', [{ layer: 'operator', text: note === '' ? `denied by ${by}` : note }]],
    expired: ['block', [{ layer: 'expiry', text: note }]],
  }
  const [decision, given] = answers[state]
  const pending = state === 'pending'
  return {
    id,
    decision,
    pending,
    reasons: given,
    risk,
    edited,
    expiresAt: pending ? expiresAt : null,
  }
}

/** The answer when no person was needed. */
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

/** The answer when a person is needed. */
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
