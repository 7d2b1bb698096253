import type { Reason, Action, Decision, Factor, Verdict } from '../../policy/types.ts'
import type { ScopeName, Status } from '../../../clawpolicy/types.ts'

/** What one layer said, in the order of evaluation. */
export interface WhyStep {
  layer: Reason['layer']
  id?: string
  text: string
  /** Whether this was the answer. */
  decided: boolean
}
/** How an answer came about, and what would change it. */
export interface Why {
  about: 'question'
  id: string
  seq: number
  at: number
  agent: string
  action: Action
  decision: Decision
  /** The outcome, in words. */
  became: string
  risk: { score: number; factors: Factor[] }
  path: WhyStep[]
  /** Learned rules that match now. */
  rules: { id: string; status: Status; decision: string; scope: ScopeName; text: string }[]
  /** The answer now. */
  now: Pick<Verdict, 'decision' | 'reasons'>
  /** What no policy, lease or rule can change, in words. */
  limits: string[]
  /** The smallest changes that would change the answer now, smallest first. */
  turns: Alternative[]
}
/** A change, and the command that makes it. */
export interface Alternative {
  text: string
  command: string
}
/** Why a rule changed its state: the evidence until then, latest first. */
export interface WhyRule {
  about: 'rule'
  /** Of the event. */
  id: string
  seq: number
  at: number
  actor: string
  rule: string
  summary: string
  from: Status | null
  to: Status
  /** In words. */
  because: string
  evidence: {
    seq: number
    at: number
    /** The action or approval, or ''. */
    of: string
    text: string
  }[]
  /** What an operator can do with the rule. */
  turns: Alternative[]
}
