import type { Action, Reason, Risk, Verdict } from '../policy/types.ts'
import type { FaultJson } from '../../base/fault.ts'
import type { Confirmation } from '../../base/confirmation.ts'
import type { LeaseTerms } from '../leases/types.ts'

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
  state: ApprovalState
  decidedAt: number | null
  /** Who decided: `operator`, `operator:cli` …, or '' while pending. */
  by: string
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

export interface ApprovalService {
  list(state: 'pending' | 'decided' | 'all', limit: number): Promise<Approval[]>
  get(id: string): Promise<Approval>
  /**
   * What a person confirms to allow these, edited if they are to be. Leaves out what does not wait.
   */
  confirmations(ids: readonly string[], edit: AllowOptions['edit']): Promise<Confirmation[]>
  allow(id: string, options: AllowOptions, actor: string): Promise<Approval>
  /** With `remember`, a policy that blocks exactly this is written too. */
  deny(
    id: string,
    options: { note?: string | undefined; remember?: boolean | undefined },
    actor: string,
  ): Promise<Approval>
  why(id: string): Promise<{ approval: Approval; verdict: Verdict; steps: string[] }>
}
