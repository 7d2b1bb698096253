import type { OperatorPolicy, Decision } from '../../policy/types.ts'
import type { ScopeName } from '../../../clawpolicy/types.ts'
import type { StoredRule, WidthName } from '../types.ts'
import type { Why, WhyRule } from '../why/types.ts'

/** A change to look at before it applies. */
export type PolicyTrial =
  /** Without an act: `suspend` for a confirmed rule, `confirm` for any other. */
  | { kind: 'rule'; id: string; act?: 'confirm' | 'suspend' | 'archive' | undefined }
  | { kind: 'draft'; stored: StoredRule }
  /** The rule that a word about a question would make. */
  | {
      kind: 'proposal'
      approval: string
      width: WidthName
      decision: 'allow' | 'ask'
      scope: ScopeName
    }
  /** These in place of the operator's policies. */
  | { kind: 'policies'; policies: OperatorPolicy[] }
  /** These besides the learned rules, or in place of those with the same ids. */
  | { kind: 'rules'; rules: StoredRule[] }
/** What became of a recorded question. */
export type Recorded =
  | 'allowed'
  | 'allowed by a lease'
  | 'allowed by a person'
  | 'denied by a person'
  | 'expired'
  | 'waiting'
  | 'blocked'
/** Recorded questions of one agent about one target that would have been answered otherwise, `times` of them; seq, time and risk are the latest's. */
export interface Flip {
  seq: number
  at: number
  agent: string
  type: string
  target: string
  risk: number
  was: Recorded
  would: Decision
  reason: string
  /** Of high risk, or allowed against a person's no. */
  grave: boolean
  times: number
}

export interface Simulation {
  change: string
  /** Recorded questions that were looked at, and how many would have been answered otherwise. */
  questions: number
  changed: number
  toAllow: number
  toAsk: number
  toBlock: number
  /** Of those that change: of high risk, or allowed against a person's no. */
  grave: number
  /** Most changes first. */
  byAgent: { agent: string; toAllow: number; toAsk: number; toBlock: number }[]
  /** The gravest first, then the latest; at most 200. */
  flips: Flip[]
  /** Questions that were left out: their agents are gone, and so are the templates that bound them. */
  leftOut: number
  /** What else is to be known about the answer. */
  notes: string[]
  /** From when to when, Unix milliseconds. */
  from: number | null
  until: number | null
  /** Milliseconds. */
  took: number
}

/** To be seen before it applies. */
export interface RuleTrialService {
  /** What of the recorded past would have been answered otherwise. Changes nothing. Faults: `not.found`, `not.possible`, `policies.invalid` with the place. */
  simulate(
    trial: PolicyTrial | { kind: 'file'; path: string },
    options: { agent?: string | undefined; since?: number | undefined; signal: AbortSignal },
  ): Promise<Simulation>
  /** `id`: an action, an approval, or the number of an event of theirs or of a rule. Fault `not.found`. */
  why(id: string): Promise<Why | WhyRule>
}
