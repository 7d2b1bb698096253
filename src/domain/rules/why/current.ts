import type { Clock } from '../../../base/clock.ts'
import { viewOf } from '../../policy/matching/view.ts'
import type { OperatorPolicy, Verdict } from '../../policy/types.ts'
import type { RuleQuestion } from '../judge.ts'
import {
  evaluateUnder,
  type AssessedAction,
  type EffectivePolicy,
} from '../trials/effective-policy.ts'

/** A recorded question as it would be asked now, and what it would be judged by. */
export interface CurrentQuestion {
  policy: EffectivePolicy
  asked: AssessedAction
  now: number
  clock: Clock
}

/** The answer to the question under a policy. */
export function answerUnder(policy: EffectivePolicy, current: CurrentQuestion): Verdict {
  return evaluateUnder(policy, current.asked, current.now, current.clock)
}

export function ruleQuestion({ asked, now, clock }: CurrentQuestion): RuleQuestion {
  return { ...asked, now, clock }
}

/** The operator's policies that match the question. */
export function matchingPolicies({ policy, asked }: CurrentQuestion): OperatorPolicy[] {
  const { agent, action, risk } = asked
  const view = viewOf(action, policy.policies.table)
  return policy.policies
    .matching({ view, agent: agent.name, template: agent.template, risk: risk.score })
    .map((matched) => matched.policy)
}
