import type { Clock } from '../../../base/clock.ts'
import type { GuardBounds } from '../../templates/types.ts'
import type { CompiledPolicies } from '../../policy/matching/compiled.ts'
import { evaluate } from '../../policy/evaluate.ts'
import type { Action, AgentIdentity, Decision, Learned, Risk, Verdict } from '../../policy/types.ts'
import { judgeLearned } from '../judge.ts'
import type { RuleLookup } from '../rule-book.ts'
import type { Lease } from '../../leases/types.ts'

/** Everything that the answer to an action depends on. */
export interface EffectivePolicy {
  bounds: GuardBounds
  policies: CompiledPolicies
  leases: readonly Lease[]
  rules: RuleLookup
}

export interface AssessedAction {
  agent: AgentIdentity
  action: Action
  risk: Risk
}

/** The answer to an action under a policy. Pure: nothing is counted or written. */
export function evaluateUnder(
  policy: EffectivePolicy,
  asked: AssessedAction,
  now: number,
  clock: Clock,
): Verdict {
  const learned = () => judgeLearned(policy.rules, { ...asked, now, clock })
  return evaluateWith(policy, asked, now, learned)
}

/** The same. `learned` is called only if nothing else answers. */
export function evaluateWith(
  { bounds, policies, leases }: Omit<EffectivePolicy, 'rules'>,
  asked: AssessedAction,
  now: number,
  learned: () => Learned,
): Verdict {
  return evaluate({ ...asked, bounds, policies, leases, learned, now })
}

/** What a decision means for the agent. */
export type AnswerEffect = 'allow' | 'ask' | 'block'

export function effectOf(decision: Decision): AnswerEffect {
  if (decision === 'require_approval') return 'ask'
  return decision === 'block' ? 'block' : 'allow'
}
