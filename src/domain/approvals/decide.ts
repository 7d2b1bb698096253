import { Fault } from '../../base/fault.ts'
import { literal } from '../../base/glob.ts'
import { newId } from '../../base/ids.ts'
import type { Draft } from '../../journal/types.ts'
import { edited } from '../policy/normalise.ts'
import type { Action, Verdict } from '../policy/types.ts'
import type { Lesson } from '../rules/learning/lessons.ts'
import { unknownApproval } from './read.ts'
import type { AllowOptions, Approval } from './types.ts'
import type { Lease, LeaseTerms } from '../leases/types.ts'

/** What the guard would answer now. */
export type Judge = (agent: string, action: Action) => Verdict

export type DecidedDraft = Draft<'approval.decided'>

/** Fault `approval.decided` for an approval that was decided, or whose expiry is journalled. */
export function requirePending(approval: Approval | undefined, id: string): Approval {
  if (approval === undefined) throw unknownApproval(id)
  if (approval.state !== 'pending')
    throw new Fault(
      'approval.decided',
      `${id} is already ${approval.state}${approval.by === '' ? '' : ` by ${approval.by}`}`,
      { hint: 'The first decision stands.' },
    )
  return approval
}

export function expiredFault(id: string): Fault {
  return new Fault('approval.decided', `${id} has expired, which means deny`, {
    hint: 'The agent may ask again.',
  })
}

/**
 * Allows what was asked, or what the operator made of it, and grants a lease if one is wanted.
 * Fault `refused` for an edited action that the lock forbids.
 */
export function allowDrafts(
  { judge, now }: { judge: Judge; now: number },
  approval: Approval,
  { note, edit, lease: terms }: AllowOptions,
  actor: string,
): [DecidedDraft, ...Draft[]] {
  const action = edit === undefined ? null : edited(approval.action, edit)
  const verdict = action === null ? undefined : judge(approval.agent, action)
  if (verdict !== undefined) refuseBeyondLock(verdict)
  const decided = (lease: string | null): DecidedDraft => ({
    type: 'approval.decided',
    actor,
    subject: approval.agent,
    body: { id: approval.id, state: 'allowed', note: note ?? '', edited: action, lease },
  })
  if (terms === undefined) return [decided(null)]
  const allowed = {
    agent: approval.agent,
    action: action ?? approval.action,
    risk: verdict?.risk ?? approval.risk,
  }
  const lease = leaseFor(allowed, { terms, actor, now })
  const subject = lease.agent === '*' ? '' : lease.agent
  return [decided(lease.id), { type: 'lease.granted', actor, subject, body: { lease } }]
}

function refuseBeyondLock({ decision, reasons }: Verdict): void {
  const reason = decision === 'block' ? reasons.find(({ layer }) => layer === 'lock') : undefined
  if (reason !== undefined)
    throw new Fault('refused', `the lock forbids the edited action: ${reason.text}`, {
      hint: 'No decision goes beyond the signed bounds.',
    })
}

/** A lease for further uses of what is allowed now, up to the same risk. */
function leaseFor(
  allowed: Pick<Approval, 'agent' | 'action' | 'risk'>,
  { terms, actor, now }: { terms: LeaseTerms; actor: string; now: number },
): Lease {
  return {
    id: newId('lea'),
    agent: terms.agent ?? allowed.agent,
    type: allowed.action.type,
    target: terms.target ?? literal(allowed.action.target),
    maxRisk: allowed.risk.score,
    uses: terms.uses,
    usesLeft: terms.uses,
    grantedAt: now,
    expiresAt: now + Math.round(terms.minutes * 60_000),
    grantedBy: actor,
    state: 'active',
  }
}

/** What a decision teaches: about what was allowed, or about what was asked and denied. */
export function decisionLesson(
  judge: Judge,
  approval: Approval,
  { state, edited: instead }: { state: 'allowed' | 'denied'; edited: Action | null },
): Omit<Lesson, 'agent'> {
  const { id, agent, action, risk, askedAt } = approval
  if (state === 'denied')
    return {
      of: id,
      action,
      risk,
      ran: false,
      result: 'cancel',
      prompted: true,
      override: 'blocked_auto_execute',
    }
  return {
    of: id,
    action: instead ?? action,
    risk: instead === null ? risk : judge(agent, instead).risk,
    ran: true,
    result: 'success',
    prompted: true,
    askedAt,
    override: 'confirmed_after_prompt',
  }
}
