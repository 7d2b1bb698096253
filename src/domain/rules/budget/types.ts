import type { WidthName } from '../types.ts'

/**
 * How often a person is interrupted, the limit for it, and what would reach the limit. Rates are
 * per hour in which anything was asked.
 */
export interface BudgetReport {
  /** The limit; null for none. */
  perHour: number | null
  /** Questions in the last hour. */
  now: number
  /** The rate of the recorded questions that were evaluated. */
  usual: number
  hours: number
  questions: number
  /** The rate of those that would still need a person now. */
  today: number
  proposals: BudgetProposal[]
  /** The rate with all proposals. */
  after: number
  /** Why the others need a person, the most frequent first. */
  rest: { because: string; perHour: number }[]
}

export interface BudgetProposal {
  kind: 'rule' | 'lease'
  text: string
  width: WidthName
  agent: string
  /** The approval of the command; '' for a lease on an action that does not wait now. */
  approval: string
  /** Interruptions an hour. */
  saves: number
  /** What it would have covered, the most frequent first, at most 20. */
  past: { target: string; times: number; allowed: number; denied: number; expired: number }[]
  /** How many more it would have covered. */
  more: number
  command: string
}

export interface BudgetService {
  report(): Promise<BudgetReport>
  set(perHour: number | null, actor: string): Promise<BudgetReport>
}
