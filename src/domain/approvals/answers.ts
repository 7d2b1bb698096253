import type { DeckEvent } from '../../journal/types.ts'
import type { Decision, Reason } from '../policy/types.ts'
import { missingCount, missingPeople, people } from '../operators/people/rules.ts'
import type { Answer, Approval, QuorumTerms } from './types.ts'

/** The answer to an agent that asked for approval. Only an operator's approval allows. */
export function answerOf(approval: Approval): Answer {
  const { id, state, note, by, risk, edited, expiresAt, heldSince, quorum } = approval
  const who = quorum === undefined ? by : 'everybody who had to agree'
  const answers: Record<Approval['state'], [Decision, Reason[]]> = {
    pending: ['require_approval', pendingReasons(approval)],
    allowed: ['allow', [{ layer: 'operator', text: note === '' ? `allowed by ${who}` : note }]],
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
    // While it is held, nobody knows when.
    expiresAt: pending && heldSince === undefined ? expiresAt : null,
  }
}

function pendingReasons(approval: Approval): Reason[] {
  const { reasons, quorum, heldSince } = approval
  const held: Reason = { layer: 'supervisor', text: 'it is held: this agent is frozen' }
  return [
    ...(heldSince === undefined ? [] : [held]),
    ...(quorum === undefined ? [] : [waiting(approval)]),
    ...reasons,
  ]
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
    reasons:
      body.quorum === undefined
        ? body.reasons
        : [waitsFor(0, atFirst(body.quorum)), ...body.reasons],
    risk: body.risk,
    edited: null,
    expiresAt: body.expiresAt,
  }
}

/** How many have agreed, and how many are missing. An agent is told no names. */
function waiting({ quorum }: Approval): Reason {
  return waitsFor(quorum?.agreed.length ?? 0, missingCount(quorum?.missing ?? []))
}

function waitsFor(agreed: number, missing: number): Reason {
  const text =
    agreed === 0
      ? `it waits for ${people(missing)} to agree`
      : `${people(agreed)} agreed; it waits for ${missing} more`
  return { layer: 'operator', text }
}

function atFirst({ rules, starter }: QuorumTerms): number {
  return missingCount(missingPeople(rules, [], starter))
}
