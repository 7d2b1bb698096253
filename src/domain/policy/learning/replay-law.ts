import type { Clock } from '../../../base/clock.ts'
import type { Lease } from '../../approvals/types.ts'
import type { GuardBounds } from '../../templates/types.ts'
import type { CompiledPolicies } from '../compiled.ts'
import { evaluate } from '../evaluate.ts'
import type { Action, Decision, Risk, Verdict } from '../types.ts'
import { judgeLearned, type Learned } from './judge.ts'
import type { Rulings } from './rule-book.ts'
import type { Doer } from './task.ts'

/** All that an answer hangs on, besides the question. */
export interface Law {
  bounds: GuardBounds
  policies: CompiledPolicies
  leases: readonly Lease[]
  book: Rulings
}

export interface Asking {
  doer: Doer
  action: Action
  risk: Risk
}

/** What an agent's answers are bound by: its lock; for one that is gone, the template it was made from. */
export interface Standing {
  template: string
  bounds: GuardBounds
  gone: boolean
}

/** The answer to a question under a law. Pure: nothing is marked, and nothing is written down. */
export function answerUnder(law: Law, asking: Asking, now: number, clock: Clock): Verdict {
  return answerWith(law, asking, now, () => judgeLearned(law.book, { ...asking, now, clock }))
}

/** The same, with `learned` for what was learned of it: asked only where nothing else answers. */
export function answerWith(
  { bounds, policies, leases }: Omit<Law, 'book'>,
  { doer, action, risk }: Asking,
  now: number,
  learned: () => Learned,
): Verdict {
  return evaluate({ action, risk, agent: doer, bounds, policies, leases, learned, now })
}

/** Whether somebody is asked, or nobody has to be: all that matters of an answer to who waits for it. */
export function gist(decision: Decision): 'allow' | 'ask' | 'block' {
  return decision === 'require_approval' ? 'ask' : decision === 'block' ? 'block' : 'allow'
}
