import { plain } from '../../base/text.ts'
import type { BoundPattern, GuardBounds } from '../templates/types.ts'
import type { CompiledPolicies } from './compiled.ts'
import { leaseCovers, matchesSafely, matchesStrictly } from './match.ts'
import { spellings, type Spellings } from './spellings.ts'
import type { Action, Decision, OperatorPolicy, Reason, Risk, Verdict, Learned } from './types.ts'
import type { Lease } from '../leases/types.ts'

export type { CompiledPolicies } from './compiled.ts'

export interface Question {
  action: Action
  risk: Risk
  agent: { name: string; template: string }
  bounds: GuardBounds
  policies: CompiledPolicies
  leases: readonly Lease[]
  /** What was learned about it; asked only where nothing else answers. */
  learned: () => Learned
  /** Unix milliseconds. */
  now: number
}

/**
 * What is answered to a question, and why. Pure and deterministic. In this order: the lock blocks; a policy blocks; the
 * lock wants a person; a policy wants a person and no lease stands for one; a policy warns or allows; the lock allows; a lease
 * allows; a confirmed rule allows, unless a policy wants a person; otherwise a person decides. A lease answers a policy's ask
 * (it is a person's own, bounded yes), never a block, and never the lock.
 */
export function evaluate(question: Question): Verdict {
  const { action, risk, agent, bounds, policies } = question
  const ways = spellings(action)
  const matched = policies.matching({
    spellings: ways,
    agent: agent.name,
    template: agent.template,
    risk: risk.score,
  })
  const because = (effect: OperatorPolicy['effect']) =>
    matched.filter((p) => p.effect === effect).map(policyReason)
  const answer = (
    decision: Decision,
    reasons: Reason[],
    by: Pick<Verdict, 'lease' | 'rule'> = {},
  ): Verdict => ({ decision, reasons, risk, policies: matched.map((p) => p.id), ...by })

  const blocked = [...lockBlocks(bounds, ways), ...because('block')]
  if (blocked.length > 0) return answer('block', blocked)

  const asking = because('ask')
  const bound = lockAsks(bounds, ways, risk)
  if (bound.length > 0) return answer('require_approval', [...bound, ...asking])

  const warnings = because('warn')
  const yes =
    asking.length > 0 ? [] : [...warnings, ...because('allow'), ...lockAllows(bounds, action)]
  if (yes.length > 0) return answer(warnings.length > 0 ? 'warn' : 'allow', yes)

  const lease = leaseInForce(question)
  if (lease !== undefined)
    return answer(warnings.length > 0 ? 'warn' : 'allow', [...warnings, leaseReason(lease)], {
      lease: lease.id,
    })
  if (asking.length > 0) return answer('require_approval', asking)
  const { says, rule, reasons } = question.learned()
  if (says === 'allow' && rule !== undefined) return answer('allow', reasons, { rule })
  return answer('require_approval', says === 'ask' ? reasons : [nobodyAnswers(action), ...reasons])
}

function nobodyAnswers(action: Action): Reason {
  return {
    layer: 'default',
    text: `no policy and no lease answers for ${action.type} ${shown(action.target)}: a person decides`,
  }
}

function lockBlocks(bounds: GuardBounds, ways: Spellings): Reason[] {
  const { type } = ways.action
  if (!bounds.types.includes(type) && !bounds.types.includes('*')) {
    return [
      {
        layer: 'lock',
        id: 'types',
        text: `this agent's template has no actions of type ${type}, only ${bounds.types.join(', ') || 'none'}`,
      },
    ]
  }
  return bounds.block
    .filter((b) => ofType(b, type) && matchesStrictly(b.target, ways))
    .map((b) => lockReason('block', b, 'the template forbids'))
}

function lockAsks(bounds: GuardBounds, ways: Spellings, risk: Risk): Reason[] {
  const reasons = bounds.ask
    .filter((b) => ofType(b, ways.action.type) && matchesStrictly(b.target, ways))
    .map((b) => lockReason('ask', b, 'the template wants a person for'))
  // Written so that a limit that is no number asks too.
  if (!(risk.score <= bounds.maxAutoRisk))
    reasons.push({
      layer: 'lock',
      id: 'maxAutoRisk',
      text: `risk ${risk.score} is above ${bounds.maxAutoRisk}, the most that the template allows without a person`,
    })
  return reasons
}

function lockAllows(bounds: GuardBounds, action: Action): Reason[] {
  const found = bounds.allow.find((b) => ofType(b, action.type) && matchesSafely(b.target, action))
  return found === undefined ? [] : [lockReason('allow', found, 'the template allows')]
}

function ofType(bound: BoundPattern, type: string): boolean {
  return bound.type === type || bound.type === '*'
}

/** Of several leases the one that ends first, so that the answer does not hang on their order. */
function leaseInForce({ leases, agent, action, risk, now }: Question): Lease | undefined {
  let best: Lease | undefined
  for (const lease of leases) {
    if (
      best !== undefined &&
      (best.expiresAt < lease.expiresAt ||
        (best.expiresAt === lease.expiresAt && best.id <= lease.id))
    )
      continue
    if (leaseCovers(lease, agent.name, action, risk.score, now)) best = lease
  }
  return best
}

function lockReason(id: string, bound: BoundPattern, verb: string): Reason {
  return { layer: 'lock', id, text: `${verb} ${bound.type} ${bound.target}${tail(bound.reason)}` }
}

const VERBS = {
  allow: 'allows',
  warn: 'warns about',
  ask: 'wants a person for',
  block: 'blocks',
} as const

function policyReason(policy: OperatorPolicy): Reason {
  return {
    layer: 'policy',
    id: policy.id,
    text: `policy ${policy.id} ${VERBS[policy.effect]} ${matchText(policy)}${tail(policy.reason)}`,
  }
}

/** What a policy is about, in words: `exec git push* of scout, risk 40 and more`. */
export function matchText(policy: Omit<OperatorPolicy, 'id' | 'effect'>): string {
  const target = policy.target ?? (policy.pattern === undefined ? undefined : `/${policy.pattern}/`)
  const what =
    policy.type === undefined && target === undefined
      ? 'everything'
      : `${policy.type ?? 'any'} ${target ?? '*'}`
  const who = [
    policy.agent,
    policy.template === undefined ? undefined : `template ${policy.template}`,
  ].filter((w) => w !== undefined)
  const risk =
    policy.riskAtLeast === undefined
      ? policy.riskAtMost === undefined
        ? ''
        : `, risk up to ${policy.riskAtMost}`
      : policy.riskAtMost === undefined
        ? `, risk ${policy.riskAtLeast} and more`
        : `, risk ${policy.riskAtLeast} to ${policy.riskAtMost}`
  return `${what}${who.length > 0 ? ` of ${who.join(', ')}` : ''}${risk}`
}

function leaseReason(lease: Lease): Reason {
  const left = lease.usesLeft - 1
  return {
    layer: 'lease',
    id: lease.id,
    text: `lease ${lease.id} of ${lease.grantedBy} covers ${lease.type} ${shown(lease.target)}; ${left === 0 ? 'this was its last use' : `${left} of ${lease.uses} uses left`}`,
  }
}

function tail(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`
}

function shown(text: string): string {
  return plain(text, 120)
}
