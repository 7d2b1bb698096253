import type { Lease } from '../leases/types.ts'
import type { GuardBounds } from '../templates/types.ts'
import { lockPermissions, lockRestrictions } from './lock.ts'
import { isRestrictive, type CompiledPolicies, type PolicyMatch } from './matching/compiled.ts'
import { coveringLease } from './matching/lease-cover.ts'
import { coversAll } from './matching/permission.ts'
import { ActionTexts } from './matching/restriction.ts'
import { viewOf, type ActionView } from './matching/view.ts'
import { leaseReason, policyReason, possibleReason, uncoveredReasons } from './reasons.ts'
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
  /** Unix milliseconds. */
  now: number
}

type Answer = Pick<Verdict, 'decision' | 'reasons' | 'lease' | 'rule'>

/**
 * The answer to a question, and why. Pure and deterministic. The order is: the lock blocks, a
 * policy blocks, the lock asks, a policy asks and no lease covers it, policies, lock and a lease
 * together cover it, a confirmed rule allows it, and otherwise a person decides. Only what an
 * action certainly is can be blocked; what it possibly is, is asked. A lease answers what a policy
 * asks, but never overrides a block or the lock.
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
  return {
    ...answer(input, view, matches),
    risk,
    policies: matches
      .filter(({ policy, pieces }) => isRestrictive(policy) || pieces.size > 0)
      .map(({ policy }) => policy.id),
  }
}

function answer(input: PolicyInput, view: ActionView, matches: readonly PolicyMatch[]): Answer {
  const texts = new ActionTexts(view)
  const lock = lockRestrictions(input.bounds, { view, texts, risk: input.risk })
  const blocks = matches.filter(({ policy }) => policy.effect === 'block')
  const blocked = [...lock.blocks, ...blocks.filter(({ isCertain }) => isCertain).map(policyReason)]
  if (blocked.length > 0) return { decision: 'block', reasons: blocked }

  const asks = [
    ...blocks.map(possibleReason),
    ...matches.filter(({ policy }) => policy.effect === 'ask').map(policyReason),
  ]
  if (lock.asks.length > 0)
    return { decision: 'require_approval', reasons: [...lock.asks, ...asks] }

  const { isCovered, hasWarning, reasons, lease } = coverageOf(input, view, matches)
  if (isCovered && (asks.length === 0 || lease !== undefined)) {
    const decision = hasWarning ? 'warn' : 'allow'
    return { decision, reasons, ...(lease === undefined ? {} : { lease: lease.id }) }
  }
  if (asks.length > 0) return { decision: 'require_approval', reasons: asks }
  return learnedAnswer(input.learned(), () => uncoveredReasons(view, matches))
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
  { bounds, leases, agent, action, risk, now }: PolicyInput,
  view: ActionView,
  matches: readonly PolicyMatch[],
): Coverage {
  const allowing = matches.filter(({ policy, pieces }) => !isRestrictive(policy) && pieces.size > 0)
  const warnings = allowing.filter(({ policy }) => policy.effect === 'warn')
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
  const lease = coveringLease(leases, use, { view, covered: isRestricted ? new Set() : covered })
  if (lease === undefined) return { isCovered: false, hasWarning, reasons, lease }
  const others = isRestricted ? warnings.map(policyReason) : reasons
  return { isCovered: true, hasWarning, reasons: [...others, leaseReason(lease)], lease }
}
