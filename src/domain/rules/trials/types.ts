import type { OperatorPolicy, Decision } from '../../policy/types.ts'
import type { ScopeName } from '../../../clawpolicy/types.ts'
import type { StoredRule, WidthName } from '../types.ts'
import type { Why, WhyRule } from '../why/types.ts'

/** A change to try before it is made. */
export type PolicyTrial =
  /** Without `act`: `suspend` for a confirmed rule, `confirm` for any other. */
  | { kind: 'rule'; id: string; act?: 'confirm' | 'suspend' | 'archive' | undefined }
  | { kind: 'draft'; stored: StoredRule }
  /** The rule that a proposal would make. */
  | {
      kind: 'proposal'
      approval: string
      width: WidthName
      decision: 'allow' | 'ask'
      scope: ScopeName
    }
  /** These policies instead of the operator's. */
  | { kind: 'policies'; policies: OperatorPolicy[] }
  /** These rules in addition, or instead of those with the same ids. */
  | { kind: 'rules'; rules: StoredRule[] }
/** How a recorded question was answered. */
export type RecordedAnswer =
  | 'allowed'
  | 'allowed by a lease'
  | 'allowed by a person'
  | 'denied by a person'
  | 'expired'
  | 'waiting'
  | 'blocked'
/**
 * Recorded questions of one agent about one target whose answer would change, `times` of them.
 * Event, time and risk are those of the latest.
 */
export interface ChangedAnswer {
  seq: number
  at: number
  agent: string
  type: string
  target: string
  risk: number
  was: RecordedAnswer
  would: Decision
  reason: string
  /** Whether the change is severe: of high risk, or allowed although a person denied it. */
  severe: boolean
  times: number
}
export interface Simulation {
  /** What is tried, in words that follow `If`. */
  change: string
  /** Recorded questions that were replayed. */
  questions: number
  /** Those whose answer would change. */
  changed: number
  toAllow: number
  toAsk: number
  toBlock: number
  /** Severe changes: of high risk, or allowed although a person denied them. */
  severe: number
  /** The most changes first. */
  byAgent: { agent: string; toAllow: number; toAsk: number; toBlock: number }[]
  /** Changed answers: the most severe first, then the latest; at most 200. */
  flips: ChangedAnswer[]
  /** Questions that were left out: the bounds of their agents are not known any longer. */
  leftOut: number
  notes: string[]
  /** When the questions were asked, in Unix milliseconds. */
  from: number | null
  until: number | null
  /** How long the simulation took, in milliseconds. */
  took: number
}
/** Shows what a change would do before it is made. */
export interface RuleTrialService {
  /**
   * Which recorded answers a change would change. Nothing is written. Faults: `not.found`,
   * `not.possible`, `policies.invalid` with the place.
   */
  simulate(
    trial: PolicyTrial | { kind: 'file'; path: string },
    options: SimulateOptions,
  ): Promise<Simulation>
  /**
   * `id`: an action, an approval, a rule, or the number of one of their events. Fault `not.found`.
   */
  why(id: string): Promise<Why | WhyRule>
}
export interface SimulateOptions {
  agent?: string | undefined
  /** Unix milliseconds. */
  since?: number | undefined
  signal: AbortSignal
}
