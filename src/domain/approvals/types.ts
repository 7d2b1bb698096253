import type { Action, Reason, Risk } from '../policy/types.ts'

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

/** A bounded yes: what it covers, how often, until when. */
export interface Lease {
  id: string
  /** An agent's name, or `*`. */
  agent: string
  type: string
  /** A glob over the target; for exec a star never crosses a shell operator. */
  target: string
  /** Riskier actions than this are not covered. */
  maxRisk: number
  uses: number
  usesLeft: number
  grantedAt: number
  expiresAt: number
  grantedBy: string
  state: 'active' | 'spent' | 'expired' | 'revoked'
}

/** What an operator grants with a lease. `target` defaults to exactly what was asked. */
export interface LeaseTerms {
  target?: string | undefined
  agent?: string | undefined
  uses: number
  minutes: number
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
