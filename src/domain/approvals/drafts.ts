import { newId } from '../../base/ids.ts'
import type { Draft } from '../../journal/types.ts'
import type { Action, Risk, Verdict } from '../policy/types.ts'
import { fingerprint } from './rules.ts'
import type { Approval, Outcome, QuorumTerms } from './types.ts'

/** An action of an agent that was judged. */
export interface JudgedAction {
  agent: string
  action: Action
  risk: Risk
  verdict: Verdict
}

/**
 * A decision without a person. `seq` is the number that its event will have: the id is made of it,
 * so that a report finds the event again.
 */
export function decidedDraft(
  { agent, action, risk, verdict }: JudgedAction,
  seq: number,
): Draft<'action.decided'> {
  return {
    type: 'action.decided',
    actor: `agent:${agent}`,
    subject: agent,
    body: {
      id: `act_${seq.toString(36)}`,
      action,
      fingerprint: fingerprint(agent, action),
      risk,
      decision: verdict.decision,
      reasons: verdict.reasons,
      lease: verdict.lease ?? null,
      policies: verdict.policies,
      rule: verdict.rule ?? null,
    },
  }
}

/** A question that a person has to decide. */
export function requestedDraft(
  { agent, action, verdict }: JudgedAction,
  expiresAt: number,
  quorum?: QuorumTerms,
): Draft<'approval.requested'> {
  return {
    type: 'approval.requested',
    actor: `agent:${agent}`,
    subject: agent,
    body: {
      id: newId('apr'),
      action,
      fingerprint: fingerprint(agent, action),
      risk: verdict.risk,
      reasons: verdict.reasons,
      policies: verdict.policies,
      expiresAt,
      ...(quorum === undefined ? {} : { quorum }),
    },
  }
}

export function reportedDraft(agent: string, id: string, outcome: Outcome): Draft {
  return { type: 'action.reported', actor: `agent:${agent}`, subject: agent, body: { id, outcome } }
}

export function expiredDraft({ id, agent }: Pick<Approval, 'id' | 'agent'>, note: string): Draft {
  return { type: 'approval.expired', actor: 'supervisor', subject: agent, body: { id, note } }
}
