import type { Lease } from '../leases/types.ts'
import { peopleRule, strictestRules } from '../operators/people/rules.ts'
import type { PeopleRule } from '../operators/people/types.ts'
import type { GuardBounds } from '../templates/types.ts'
import { lockPermissions, lockRestrictions, type LockRestrictions } from './lock.ts'
import { isRestrictive, type CompiledPolicies } from './matching/compiled.ts'
import type { PolicyMatch } from './matching/policy-match.ts'
import { coveringLease } from './matching/lease-cover.ts'
import { coversAll } from './matching/permission.ts'
import { ActionTexts } from './matching/restriction.ts'
import { viewOf, type ActionView } from './matching/view.ts'
import {
  leaseReason,
  overruledReason,
  peopleReason,
  policyReason,
  possibleReason,
  uncoveredReasons,
} from './reasons.ts'
import type { Action, AgentIdentity, Learned, Reason, Risk, Verdict } from './types.ts'

/** A question, and everything that its answer depends on. */
export interface PolicyInput {
  action: Action
  risk: Risk
  agent: AgentIdentity
  bounds: GuardBounds
  policies: CompiledPolicies
  leases: readonly Lease[]
  /** The answer of learned rules. Called only if nothing else decides. */
  learned: () => Learned
  /**
   * Whether enough people agreed to a lease for what these rules ask. Without it no lease answers
   * where more people have to agree.
   */
  isAgreed?: (lease: Lease, rules: readonly PeopleRule[]) => boolean
  /** Unix milliseconds. */
  now: number
}

/** What is known of a question before it is answered. */
interface Findings {
  view: ActionView
  matches: readonly PolicyMatch[]
  lock: LockRestrictions
  people: readonly PeopleRule[]
}

type Answer = Pick<Verdict, 'decision' | 'reasons' | 'lease' | 'rule'>

/**
 * The answer to a question, and why. Pure and deterministic. The order is: the lock blocks, a
 * policy blocks, the lock asks, a policy asks and no lease covers it, policies, lock and a lease
 * together cover it, a confirmed rule allows it, and otherwise a person decides. Only what an
 * action certainly is can be blocked; what it possibly is, is asked. A lease answers what a policy
 * asks, but never overrides a block or the lock. Where several people have to agree, no learned
 * rule answers, and only a lease that so many agreed to; where the lock says so, no policy either.
 */
export function evaluate(input: PolicyInput): Verdict {
  const { action, risk, agent, policies } = input
  const view = viewOf(action, policies.table)
  const matches = policies.matching({
    view,
    agent: agent.name,
    template: agent.template,
    risk: risk.score,
  })
  const texts = new ActionTexts(view)
  const lock = lockRestrictions(input.bounds, { view, texts, risk })
  const people = strictestRules([...lock.people, ...matches.flatMap(peopleOf)])
  return {
    ...answer(input, { view, matches, lock, people }),
    ...(people.length === 0 ? {} : { people }),
    risk,
    policies: matches
      .filter(({ policy, pieces }) => isRestrictive(policy) || pieces.size > 0)
      .map(({ policy }) => policy.id),
  }
}

/** Who has to agree where a policy asks, also for what the action only could be. */
function peopleOf({ policy }: PolicyMatch): PeopleRule[] {
  const rule = policy.effect === 'ask' ? peopleRule(policy) : undefined
  return rule === undefined ? [] : [rule]
}

function answer(input: PolicyInput, findings: Findings): Answer {
  const { view, matches, lock, people } = findings
  const blocks = matches.filter(({ policy }) => policy.effect === 'block')
  const blocked = [...lock.blocks, ...blocks.filter(({ isCertain }) => isCertain).map(policyReason)]
  if (blocked.length > 0) return { decision: 'block', reasons: blocked }

  const asks = [
    ...blocks.map(possibleReason),
    ...matches.filter(({ policy }) => policy.effect === 'ask').map(policyReason),
  ]
  if (lock.asks.length > 0)
    return { decision: 'require_approval', reasons: [...lock.asks, ...asks] }

  const { isCovered, hasWarning, reasons, lease } = coverageOf(input, findings)
  if (isCovered && (asks.length === 0 || lease !== undefined)) {
    const decision = hasWarning ? 'warn' : 'allow'
    return { decision, reasons, ...(lease === undefined ? {} : { lease: lease.id }) }
  }
  if (asks.length > 0) return { decision: 'require_approval', reasons: asks }
  const uncovered = () => uncoveredReasons(view, matches)
  if (people.length === 0) return learnedAnswer(input.learned(), uncovered)
  const without = lock.people.length === 0 ? [] : permitting(matches).map(overruledReason)
  const rest = without.length === 0 ? uncovered() : without
  return { decision: 'require_approval', reasons: [...people.map(peopleReason), ...rest] }
}

/** What allows at least a piece of an action. */
function permitting(matches: readonly PolicyMatch[]): PolicyMatch[] {
  return matches.filter(({ policy, pieces }) => !isRestrictive(policy) && pieces.size > 0)
}

function learnedAnswer(
  { says, rule, reasons }: Learned,
  uncovered: () => readonly Reason[],
): Answer {
  if (says === 'allow' && rule !== undefined) return { decision: 'allow', reasons, rule }
  return {
    decision: 'require_approval',
    reasons: says === 'ask' ? reasons : [...uncovered(), ...reasons],
  }
}

/** How policies and the lock, and for the rest a lease, cover an action. */
interface Coverage {
  isCovered: boolean
  hasWarning: boolean
  reasons: Reason[]
  lease: Lease | undefined
}

function coverageOf(
  { bounds, leases, agent, action, risk, now, isAgreed }: PolicyInput,
  { view, matches, lock, people }: Findings,
): Coverage {
  const permits = permitting(matches)
  // What takes several people by the lock is taken from them by nobody alone who writes a policy.
  const allowing = lock.people.length === 0 ? permits : []
  const warnings = permits.filter(({ policy }) => policy.effect === 'warn')
  const hasWarning = warnings.length > 0
  const covered = new Set(allowing.flatMap(({ pieces }) => [...pieces]))
  const reasons = [
    ...warnings.map(policyReason),
    ...allowing.filter(({ policy }) => policy.effect !== 'warn').map(policyReason),
    ...lockPermissions(bounds, view, covered),
  ]
  const isRestricted = matches.some(({ policy }) => isRestrictive(policy))
  if (!isRestricted && coversAll(covered, view))
    return { isCovered: true, hasWarning, reasons, lease: undefined }
  // Where a policy asks, only a lease for the whole action answers.
  const use = { agent: agent.name, action, risk: risk.score, now }
  const usable =
    people.length === 0 ? leases : leases.filter((one) => isAgreed?.(one, people) === true)
  const lease = coveringLease(usable, use, { view, covered: isRestricted ? new Set() : covered })
  if (lease === undefined) return { isCovered: false, hasWarning, reasons, lease }
  const others = isRestricted ? warnings.map(policyReason) : reasons
  return { isCovered: true, hasWarning, reasons: [...others, leaseReason(lease)], lease }
}
