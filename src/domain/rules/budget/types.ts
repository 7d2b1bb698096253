import type { WidthName } from '../types.ts'
/** How often a person was interrupted, what was wished for, and what would bring it there. Rates are per hour in which anything was asked. */
export interface BudgetReport {
  /** At most so many an hour; null: no wish. */
  perHour: number | null
  /** In the last hour. */
  now: number
  /** Over the recorded past that was looked at. */
  usual: number
  hours: number
  questions: number
  /** What would be left of it today: some of it is answered by what has changed since, or was asked by agents that are gone. */
  today: number
  proposals: BudgetProposal[]
  /** If all of them were taken. */
  after: number
  /** Why the rest of it stays with a person, most of it first. */
  rest: { because: string; perHour: number }[]
}

export interface BudgetProposal {
  kind: 'rule' | 'lease'
  text: string
  width: WidthName
  agent: string
  /** The approval that the command is about; '' for a lease on what is not waiting now. */
  approval: string
  /** Interruptions an hour. */
  saves: number
  /** What it would have let through, most often first, at most 20. */
  past: { target: string; times: number; allowed: number; denied: number; expired: number }[]
  /** So many more than are shown. */
  more: number
  command: string
}

export interface BudgetService {
  report(): Promise<BudgetReport>
  set(perHour: number | null, actor: string): Promise<BudgetReport>
}
