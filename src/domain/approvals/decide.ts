import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Draft } from '../../journal/types.ts'
import { edited } from '../policy/normalise.ts'
import {
  countsForAny,
  isStarter,
  missingPeople,
  strictestRules,
} from '../operators/people/rules.ts'
import type { Voter } from '../operators/people/types.ts'
import type { Action, Risk, Verdict } from '../policy/types.ts'
import type { Lesson } from '../rules/learning/lessons.ts'
import { agreementDigest, wholeTerms } from './quorum.ts'
import { unknownApproval } from './read.ts'
import type { AllowOptions, Approval, QuorumTerms } from './types.ts'
import type { Lease, WholeTerms } from '../leases/types.ts'
import type { Voters } from '../operators/people/voters.ts'

/** What the guard would answer now. */
export type Judge = (agent: string, action: Action) => Verdict

type DecidedDraft = Draft<'approval.decided'>

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

/** Fault `not.possible` for the question of a frozen agent. */
export function refuseHeld({ agent, heldSince }: Approval): void {
  if (heldSince !== undefined)
    throw new Fault('not.possible', `${agent} is frozen, and its questions are held`, {
      hint: `Let it go on first: clawdeck thaw ${agent}`,
    })
}

export function expiredFault(id: string): Fault {
  return new Fault('approval.decided', `${id} has expired, which means deny`, {
    hint: 'The agent may ask again.',
  })
}

export function notCountedFault(id: string, why: string): Fault {
  return new Fault('refused', `${id} waits for somebody else: ${why}`, {
    hint: `\`clawdeck approvals show ${id}\` says whose word is missing. You can deny it.`,
  })
}

/** What an operator allows: what was asked, or what they made of it. */
interface Allowed {
  edited: Action | null
  /** What runs, and its risk. */
  action: Action
  risk: Risk
  terms: WholeTerms | null
  note: string
}

interface Deciding {
  judge: Judge
  voters: Voters
  now: number
}

/**
 * Allows what was asked, or what the operator made of it, and grants a lease if one is wanted.
 * Where more people have to agree, that somebody did is an event of its own, and the last one whose
 * word is missing decides. Fault `refused` for an edited action that the lock forbids.
 */
export function allowDrafts(
  deciding: Deciding,
  approval: Approval,
  options: AllowOptions,
  actor: string,
): Draft[] | { refusal: string } {
  const { judge, voters, now } = deciding
  const { agent } = approval
  const { note = '', edit, lease } = options
  const change = edit === undefined ? null : edited(approval.action, edit)
  const verdict = judge(agent, change ?? approval.action)
  if (change !== null) refuseBeyondLock(verdict)
  const action = change ?? approval.action
  const allowed: Allowed = {
    edited: change,
    action,
    risk: change === null ? approval.risk : verdict.risk,
    terms: lease === undefined ? null : wholeTerms(lease, { agent, action }),
    note,
  }
  const voter = voters.voter(actor, agent)
  const terms = quorumTerms(approval, verdict, voters)
  if (terms === undefined)
    return decidedDrafts(approval, allowed, { now, actor, agreedBy: voter && [voter] })
  if (voter === undefined) return { refusal: 'only operators with the right to decide count here' }
  if (!countsForAny(terms.rules, voter, terms.starter))
    return { refusal: whyNotCounted(terms, voter) }
  return agreedDrafts(deciding, { approval, allowed, terms }, { ...voter, actor })
}

/** Who has to agree: as it was when it was asked, and to what would run now. */
function quorumTerms(
  { agent, quorum }: Approval,
  { people = [] }: Verdict,
  voters: Voters,
): QuorumTerms | undefined {
  const rules = strictestRules([...(quorum?.rules ?? []), ...people])
  return rules.length === 0
    ? undefined
    : { rules, starter: quorum?.starter ?? voters.starterOf(agent) }
}

function whyNotCounted({ starter, rules }: QuorumTerms, voter: Voter): string {
  const { operator, kind } = voter
  if (isStarter(voter, starter) && rules.some(({ notStarter }) => notStarter))
    return `${starter} started the agent, and somebody else has to decide`
  if (kind === 'key') return `${operator} is an API key, and people have to agree`
  return `${operator} is not one of those who have to agree`
}

function agreedDrafts(
  { voters, now }: Deciding,
  { approval, allowed, terms }: { approval: Approval; allowed: Allowed; terms: QuorumTerms },
  { actor, ...voter }: Voter & { actor: string },
): Draft[] {
  const { id, agent } = approval
  const { edited: change, terms: lease, note } = allowed
  const digest = agreementDigest(approval, change, lease)
  const agreement = { ...voter, digest, edited: change, lease, note }
  const before = approval.quorum?.agreements ?? []
  const same = before.filter((one) => one.digest === digest && voters.counts(one, agent))
  const repeated = same.some(({ operator }) => operator === voter.operator)
  const agreed: Draft[] = repeated
    ? []
    : [
        {
          type: 'approval.agreed',
          actor,
          subject: agent,
          body: { id, agreement, quorum: terms },
        },
      ]
  const others = same.filter(({ operator }) => operator !== voter.operator)
  const agreedBy = [...others, { ...voter, actor, note }]
  if (missingPeople(terms.rules, agreedBy, terms.starter).length > 0) return agreed
  const all = { ...allowed, note: joined(agreedBy.map((one) => one.note)) }
  const by = agreedBy.map((one) => one.actor)
  return [...agreed, ...decidedDrafts(approval, all, { now, actor, agreedBy, by })]
}

/** Notes of several people as one. */
function joined(notes: readonly string[]): string {
  return [...new Set(notes)].filter((note) => note !== '').join(' · ')
}

interface Decided {
  now: number
  actor: string
  agreedBy: readonly Voter[] | undefined
  by?: string[]
}

function decidedDrafts(
  { id, agent }: Approval,
  { edited: change, action, risk, terms, note }: Allowed,
  { now, actor, agreedBy, by }: Decided,
): Draft[] {
  const granted = by?.join(', ') ?? actor
  const lease =
    terms === null
      ? null
      : leaseOf(terms, { action, risk, grantedBy: granted, grantedAt: now, agreedBy })
  const body = { id, state: 'allowed' as const, note, edited: change, lease: lease?.id ?? null }
  const decided: DecidedDraft = {
    type: 'approval.decided',
    actor,
    subject: agent,
    body: by === undefined ? body : { ...body, by },
  }
  if (lease === null) return [decided]
  const subject = lease.agent === '*' ? '' : lease.agent
  return [decided, { type: 'lease.granted', actor, subject, body: { lease } }]
}

/** Refuses what the lock forbids, and everything while no verified lock can tell what that is. */
function refuseBeyondLock({ decision, reasons }: Verdict): void {
  if (decision !== 'block') return
  for (const { layer, text } of reasons) {
    if (layer === 'lock')
      throw new Fault('refused', `the lock forbids the edited action: ${text}`, {
        hint: 'No decision goes beyond the signed bounds.',
      })
    if (layer === 'supervisor')
      throw new Fault('refused', `the edited action cannot be judged: ${text}`, {
        hint: 'Allow or deny what was asked, or try again once the agent is guarded.',
      })
  }
}

/** A lease for further uses of what is allowed now, up to the same risk. */
function leaseOf(
  { agent, target, uses, minutes }: WholeTerms,
  {
    action,
    risk,
    grantedBy,
    grantedAt,
    agreedBy,
  }: Pick<Allowed, 'action' | 'risk'> &
    Pick<Lease, 'grantedBy' | 'grantedAt'> &
    Pick<Decided, 'agreedBy'>,
): Lease {
  return {
    id: newId('lea'),
    agent,
    type: action.type,
    target,
    maxRisk: risk.score,
    uses,
    usesLeft: uses,
    grantedAt,
    expiresAt: grantedAt + Math.round(minutes * 60_000),
    grantedBy,
    ...(agreedBy === undefined
      ? {}
      : { agreedBy: agreedBy.map(({ operator, kind }) => ({ operator, kind })) }),
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
