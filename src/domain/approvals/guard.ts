import type { Action, Question } from '../policy/types.ts'
import type { Answer, Outcome } from './types.ts'

/** What may be said at a guard door. `agent` is known by the door, never taken from what is said. */
export interface Guard {
  /** Decides, or opens an approval. The answer is durable before it is given. Faults: `input.invalid`. Anything else denies. */
  ask(agent: string, question: Question): Promise<Answer>
  /** The answer when it is there, or as it stands after `waitMs`. Fault `approval.unknown` for another agent's id. */
  wait(agent: string, id: string, waitMs: number, signal: AbortSignal): Promise<Answer>
  /** What became of an allowed action. Faults: `approval.unknown`; `not.possible` when it was not allowed, or was told otherwise before. */
  report(agent: string, id: string, outcome: Omit<Outcome, 'at'>): Promise<void>
  /** Writes down that `what` of this agent was turned away at its door, at most once in a while. */
  refused(agent: string, reason: string, what: string): void
  whoami(agent: string): { agent: string; template: string; guard: 1 }
}

export type { Action }
