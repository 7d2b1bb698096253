import type { Reason, Action, Decision, Factor, Verdict } from '../../policy/types.ts'
import type { ScopeName, Status } from '../../../clawpolicy/types.ts'

/** One of the things that are asked for an answer, in their order, and what it said. */
export interface WhyStep {
  layer: Reason['layer']
  id?: string
  text: string
  /** Whether its word was the answer. */ decided: boolean
}

/** How an answer came about, and what would have turned it. */
export interface Why {
  about: 'question'
  id: string
  seq: number
  at: number
  agent: string
  action: Action
  decision: Decision
  /** What became of it, in words. */
  became: string
  risk: { score: number; factors: Factor[] }
  path: WhyStep[]
  rules: { id: string; status: Status; decision: string; scope: ScopeName; text: string }[]
  now: Pick<Verdict, 'decision' | 'reasons'>
  /** What nothing that is clicked or learned can turn, in words. */
  limits: string[]
  /** The smallest changes that turn the answer that would be given now, smallest first, each with the command that makes it. */
  turns: Turn[]
}

export interface Turn {
  text: string
  command: string
}

/** Why a rule moved: the evidence up to then, latest first. */
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
    /** The action or approval, or ''. */ of: string
    text: string
  }[]
  /** What would move it back, or on. */
  turns: Turn[]
}
