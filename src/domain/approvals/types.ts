import type { Action, Reason, Risk, Verdict } from '../policy/types.ts'
import type { LeaseTerms } from '../leases/types.ts'

export type ApprovalState = 'pending' | 'allowed' | 'denied' | 'expired'

/** An action waiting for a person, or what became of it. Times are Unix milliseconds. */
export interface Approval {
  id: string
  agent: string
  action: Action
  risk: Risk
  reasons: Reason[]
  /** SHA-256 (first 16 hex digits) of agent, type and target: "like this". */
  fingerprint: string
  askedAt: number
  expiresAt: number
  state: ApprovalState
  decidedAt: number | null
  /** Who decided: `operator`, `operator:cli` …, or '' while pending. */
  by: string
  /** What the agent is told. */
  note: string
  /** What was allowed instead of what was asked. */
  edited: Action | null
  lease: string | null
  /** What became of it, as the agent reported. */
  outcome: Outcome | null
  /** Decisions on the same fingerprint before this one. */
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

/** What is answered at a guard door. */
export interface Answer {
  id: string
  decision: 'allow' | 'warn' | 'require_approval' | 'block'
  /** True while a person is awaited: ask again, or wait. */
  pending: boolean
  reasons: Reason[]
  risk: Risk
  /** What is allowed instead, when the operator edited the action. */
  edited: Action | null
  expiresAt: number | null
}

export interface ApprovalService {
  list(state: 'pending' | 'decided' | 'all', limit: number): Promise<Approval[]>
  get(id: string): Promise<Approval>
  allow(
    id: string,
    options: {
      note?: string | undefined
      lease?: LeaseTerms | undefined
      edit?: { target?: string | undefined; argv?: string[] | undefined } | undefined
    },
    actor: string,
  ): Promise<Approval>
  /** With `remember`, a block policy for exactly this is written as well. */
  deny(
    id: string,
    options: { note?: string | undefined; remember?: boolean | undefined },
    actor: string,
  ): Promise<Approval>
  why(id: string): Promise<{ approval: Approval; verdict: Verdict; steps: string[] }>
}
