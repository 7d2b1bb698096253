import type { Action, Reason, Risk, Verdict } from '../policy/types.ts'
import type { FaultJson } from '../../base/fault.ts'
import type { Confirmation } from '../../base/confirmation.ts'
import type { LeaseTerms, WholeTerms } from '../leases/types.ts'
import type { MissingPeople, PeopleRule, Voter } from '../operators/people/types.ts'

export type ApprovalState = 'pending' | 'allowed' | 'denied' | 'expired'

/** An action that waits for a person, or was decided. Times are Unix milliseconds. */
export interface Approval {
  id: string
  agent: string
  action: Action
  risk: Risk
  reasons: Reason[]
  /** The first 16 hex digits of the SHA-256 of agent, type and target: equal for equal actions. */
  fingerprint: string
  askedAt: number
  expiresAt: number
  /** Since when it is held, because its agent is frozen: it neither expires nor is decided. */
  heldSince?: number
  /** How long it was held before, in milliseconds. */
  heldMs?: number
  state: ApprovalState
  decidedAt: number | null
  /** Who decided, several separated by `, `; '' while pending. */
  by: string
  /** Who has to agree; absent if one decision of anybody with the right to decide is enough. */
  quorum?: Quorum
  /** The reason that the agent is given. */
  note: string
  /** What was allowed instead of what was asked. */
  edited: Action | null
  lease: string | null
  /** What the agent reported about it. */
  outcome: Outcome | null
  /** Earlier decisions on the same fingerprint. */
  precedent: Precedent
}

/** Who asks for people to agree, as it was when the question was asked. */
export interface QuorumTerms {
  /** Each of them has to be met. */
  rules: PeopleRule[]
  /** The operator who started the agent. */
  starter: string
}

/** Who has to agree before something is allowed, who has, and whose word is missing. */
export interface Quorum extends QuorumTerms {
  /** One of each operator, the oldest first. They add up where their digests are equal. */
  agreements: Agreement[]
  /** The operators who agreed to the same: of several such groups, the one that lacks least. */
  agreed: string[]
  /** Whose agreement to that is missing. */
  missing: MissingPeople[]
}

/** The agreement of one operator to exactly this. */
export interface Agreement extends Voter {
  actor: string
  at: number
  /** Equal where the same was agreed to: what was asked, how it was edited, and the lease. */
  digest: string
  /** What is to run instead of what was asked. */
  edited: Action | null
  lease: WholeTerms | null
  note: string
}

export interface Precedent {
  allowed: number
  denied: number
  lastAt: number | null
}

export interface Outcome {
  result: 'success' | 'failure' | 'rollback'
  exitCode: number | null
  note: string
  at: number
}

/** The guard's answer to an agent. */
export interface Answer {
  id: string
  decision: 'allow' | 'warn' | 'require_approval' | 'block'
  /** Whether a person has yet to decide: then the agent waits or asks again. */
  pending: boolean
  reasons: Reason[]
  risk: Risk
  /** What is allowed instead, if the operator edited the action. */
  edited: Action | null
  expiresAt: number | null
}

export interface AllowOptions {
  note?: string | undefined
  lease?: LeaseTerms | undefined
  edit?: { target?: string | undefined; argv?: string[] | undefined } | undefined
}

/** What came of deciding several. */
export interface DecidedApprovals {
  decided: Approval[]
  /** Why the others were not. */
  failed: FaultJson[]
}

/** Who has a question open in a console, and is about to decide. */
export interface Looking {
  /** The approval. */
  id: string
  agent: string
  operators: string[]
}

export interface OnlookerService {
  /**
   * Tells others that somebody has this question open, until the signal is aborted. Faults:
   * `approval.unknown` for what does not wait; `not.possible` for too many.
   */
  look(id: string, operator: string, signal: AbortSignal): AsyncIterable<{ looking: string }>
}

export interface ApprovalService {
  list(state: 'pending' | 'decided' | 'all', limit: number): Promise<Approval[]>
  get(id: string): Promise<Approval>
  /**
   * What a person confirms to allow these, edited if they are to be. Leaves out what does not wait.
   */
  confirmations(ids: readonly string[], edit: AllowOptions['edit']): Promise<Confirmation[]>
  /**
   * Allows what waits. Where more people have to agree it stays pending until they have. Fault
   * `refused` for somebody whose agreement does not count.
   */
  allow(id: string, options: AllowOptions, actor: string): Promise<Approval>
  /** With `remember`, a policy that blocks exactly this is written too. */
  deny(
    id: string,
    options: { note?: string | undefined; remember?: boolean | undefined },
    actor: string,
  ): Promise<Approval>
  why(id: string): Promise<{ approval: Approval; verdict: Verdict; steps: string[] }>
}
