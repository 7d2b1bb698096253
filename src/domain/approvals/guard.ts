import type { Action, Question, Verdict } from '../policy/types.ts'
import type { Answer, Outcome } from './types.ts'

/**
 * What an agent can do at its guard door. The door knows the agent; its requests do not name it.
 */
export interface Guard {
  /**
   * Decides, or opens an approval. The answer is durable before it is given. Fault `input.invalid`;
   * any other failure denies.
   */
  ask(agent: string, question: Question): Promise<Answer>
  /**
   * The decision as soon as it is made, or the state after `waitMs`. Fault `approval.unknown`, also
   * for another agent's id.
   */
  wait(agent: string, id: string, waitMs: number, signal: AbortSignal): Promise<Answer>
  /**
   * Reports the outcome of an allowed action. Faults: `approval.unknown`; `not.possible` if it was
   * not allowed, or another outcome was reported.
   */
  report(agent: string, id: string, outcome: Omit<Outcome, 'at'>): Promise<void>
  /** Journals that `what` of this agent was refused at its door, at most every few seconds. */
  refused(agent: string, reason: string, what: string): void
  /** What the answer would be now. Nothing is asked or written. Fault `input.invalid`. */
  foresee(agent: string, question: Question): { action: Action; verdict: Verdict }
  whoami(agent: string): { agent: string; template: string; guard: 1 }
}
