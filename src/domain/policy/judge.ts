import type { Lease } from '../leases/types.ts'
import type { Voters } from '../operators/people/voters.ts'
import type { GuardBounds } from '../templates/types.ts'
import { withDistrust } from './distrust.ts'
import { evaluate } from './evaluate.ts'
import type { CompiledPolicies } from './matching/compiled.ts'
import type { Action, AgentIdentity, Learned, Risk, Verdict } from './types.ts'

/** What decides besides the lock. Each is read when a question is judged. */
export interface JudgeParts {
  policies: () => CompiledPolicies
  leases: () => readonly Lease[]
  learned: (agent: AgentIdentity, action: Action, risk: Risk) => Learned
  voters: Pick<Voters, 'areEnough'>
  /** Why the journal is not trusted; undefined while it is. */
  distrust: () => string | undefined
  now: () => number
}

/** An action that an agent asks for, and the bounds of its lock. */
export interface BoundedAction {
  agent: AgentIdentity
  bounds: GuardBounds
  action: Action
  risk: Risk
}

/** The answer as things are now. Nothing is counted or written. */
export type PolicyJudge = (asked: BoundedAction) => Verdict

/** Makes the judge of a deck: every answer of the present comes from it. */
export function policyJudge({
  policies,
  leases,
  learned,
  voters,
  distrust,
  now,
}: JudgeParts): PolicyJudge {
  return (asked) => {
    const { agent, action, risk } = asked
    const verdict = evaluate({
      ...asked,
      policies: policies(),
      leases: leases(),
      learned: () => learned(agent, action, risk),
      isAgreed: ({ agreedBy = [] }, rules) => voters.areEnough(agreedBy, rules, agent.name),
      now: now(),
    })
    return withDistrust(verdict, distrust())
  }
}
