import type { Clock } from '../../../base/clock.ts'
import type { GuardBounds } from '../../templates/types.ts'
import type { CompiledPolicies } from '../../policy/compiled.ts'
import { evaluate } from '../../policy/evaluate.ts'
import type { Action, Decision, Risk, Verdict, Learned, Doer } from '../../policy/types.ts'
import { judgeLearned } from '../judge.ts'
import type { Rulings } from '../rule-book.ts'
import type { Lease } from '../../leases/types.ts'

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
