import { plain } from '../../base/text.ts'
import type { Lease } from '../leases/types.ts'
import type { BoundPattern, GuardBounds } from '../templates/types.ts'
import { boundNo, boundYes } from './bounds.ts'
import type { CompiledPolicies, Matched } from './compiled.ts'
import { foundIn, TextsOf } from './no.ts'
import { leaseFor } from './lent.ts'
import type { Action, Decision, OperatorPolicy, Reason, Risk, Verdict, Learned } from './types.ts'
import { viewOf, type View } from './view.ts'
import { coveredBy, isWhole } from './yes.ts'

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
 * lock wants a person; a policy wants a person and no lease stands for one; policies and the lock allow, each its pieces, and a
 * lease the rest; a confirmed rule allows, unless a policy wants a person; otherwise a person decides. A block is final for
 * what an action certainly is; for what it only could be a person is asked. A lease answers a policy's ask (it is a person's
 * own, bounded yes), never a block, and never the lock.
 */
export function evaluate(question: Question): Verdict {
  const { action, risk, agent, bounds, policies } = question
  const view = viewOf(action, policies.table)
  const texts = new TextsOf(view)
  const matched = policies.matching({
    view,
    agent: agent.name,
    template: agent.template,
    risk: risk.score,
  })
  const spoken = matched.filter(({ policy, pieces }) => isStrict(policy) || pieces.size > 0)
  const answer = (
    decision: Decision,
    reasons: Reason[],
    by: Pick<Verdict, 'lease' | 'rule'> = {},
  ): Verdict => ({
    decision,
    reasons,
    risk,
    policies: spoken.map(({ policy }) => policy.id),
    ...by,
  })

  const lock = lockSays(bounds, view, texts)
  const blocks = matched.filter(({ policy }) => policy.effect === 'block')
  const blocked = [...lock.blocks, ...blocks.filter(({ sure }) => sure).map(policyReason)]
  if (blocked.length > 0) return answer('block', blocked)

  const asking = [
    ...blocks.map(possibleReason),
    ...matched.filter(({ policy }) => policy.effect === 'ask').map(policyReason),
  ]
  const bound = [...lock.asks, ...tooRisky(bounds, risk)]
  if (bound.length > 0) return answer('require_approval', [...bound, ...asking])

  const yes = allowed(question, view, matched)
  if (yes.covered && (asking.length === 0 || yes.lease !== undefined))
    return answer(yes.warns ? 'warn' : 'allow', yes.reasons, idOf(yes.lease))
  if (asking.length > 0) return answer('require_approval', asking)
  const { says, rule, reasons } = question.learned()
  if (says === 'allow' && rule !== undefined) return answer('allow', reasons, { rule })
  const why = says === 'ask' ? reasons : [...unanswered(view, matched), ...reasons]
  return answer('require_approval', why)
}

function isStrict({ effect }: OperatorPolicy): boolean {
  return effect === 'block' || effect === 'ask'
}

function idOf(lease: Lease | undefined): Pick<Verdict, 'lease'> {
  return lease === undefined ? {} : { lease: lease.id }
}

/** What covers an action: policies and the lock together, and where they leave something open, a lease. */
interface Allowed {
  covered: boolean
  warns: boolean
  reasons: Reason[]
  lease: Lease | undefined
}

function allowed(question: Question, view: View, matched: readonly Matched[]): Allowed {
  const yeses = matched.filter(({ policy, pieces }) => !isStrict(policy) && pieces.size > 0)
  const warnings = yeses.filter(({ policy }) => policy.effect === 'warn')
  const covered = new Set(yeses.flatMap(({ pieces }) => [...pieces]))
  const reasons = [
    ...warnings.map(policyReason),
    ...yeses.filter((each) => !warnings.includes(each)).map(policyReason),
    ...lockAllows(question.bounds, view, covered),
  ]
  const warns = warnings.length > 0
  const strict = matched.some(({ policy }) => isStrict(policy))
  if (!strict && isWhole(covered, view)) return { covered: true, warns, reasons, lease: undefined }
  const { leases, agent, action, risk, now } = question
  const borrowed = { agent: agent.name, action, risk: risk.score, now }
  const lease = leaseFor(leases, borrowed, { view, covered: strict ? new Set() : covered })
  if (lease === undefined) return { covered: false, warns, reasons, lease }
  const others = strict ? warnings.map(policyReason) : reasons
  return { covered: true, warns, reasons: [...others, leaseReason(lease)], lease }
}

/** What the lock allows of what nothing else does; it is added to what is covered. */
function lockAllows({ allow }: GuardBounds, view: View, covered: Set<number>): Reason[] {
  return allow
    .filter((bound) => ofType(bound, view.action.type))
    .flatMap((bound) => {
      const pieces = [...coveredBy(boundYes(bound), view)].filter((piece) => !covered.has(piece))
      for (const piece of pieces) covered.add(piece)
      return pieces.length === 0 ? [] : [lockReason('allow', bound, 'the template allows')]
    })
}

/** Why nobody but a person answers: what is not understood, what a yes falls short of, or that there is none. */
function unanswered(view: View, matched: readonly Matched[]): Reason[] {
  const short = matched.flatMap(({ policy, lacks }): Reason[] =>
    lacks === undefined
      ? []
      : [
          {
            layer: 'policy',
            id: policy.id,
            text: `policy ${policy.id} allows ${matchText(policy)}, but not this: ${shown(lacks)}`,
          },
        ],
  )
  const { line, action } = view
  const unclear = (line?.unclear ?? []).map((why): Reason => ({
    layer: 'default',
    text: `it cannot be told all that this would run: ${why}`,
  }))
  return [...short, ...unclear, nobodyAnswers(action)]
}

function nobodyAnswers(action: Action): Reason {
  return {
    layer: 'default',
    text: `no policy and no lease answers for ${action.type} ${shown(action.target)}: a person decides`,
  }
}

/** What the lock blocks, and what it asks about: also what it would block, where that only could be. */
function lockSays(
  bounds: GuardBounds,
  view: View,
  texts: TextsOf,
): { blocks: Reason[]; asks: Reason[] } {
  const { type } = view.action
  if (!bounds.types.includes(type) && !bounds.types.includes('*')) {
    const text = `this agent's template has no actions of type ${type}, only ${bounds.types.join(', ') || 'none'}`
    return { blocks: [{ layer: 'lock', id: 'types', text }], asks: [] }
  }
  const of = (patterns: readonly BoundPattern[]) =>
    patterns
      .filter((bound) => ofType(bound, type))
      .map((bound) => ({ bound, found: foundIn(boundNo(bound, view.table), view, texts) }))
  const blocks = of(bounds.block)
  return {
    blocks: blocks
      .filter(({ found }) => found === 'surely')
      .map(({ bound }) => lockReason('block', bound, 'the template forbids')),
    asks: [
      ...blocks
        .filter(({ found }) => found === 'perhaps')
        .map(({ bound }) => lockReason('block', bound, 'this could be what the template forbids:')),
      ...of(bounds.ask)
        .filter(({ found }) => found !== 'no')
        .map(({ bound }) => lockReason('ask', bound, 'the template wants a person for')),
    ],
  }
}

/** Written so that a limit that is no number asks too. */
function tooRisky({ maxAutoRisk }: GuardBounds, { score }: Risk): Reason[] {
  if (score <= maxAutoRisk) return []
  return [
    {
      layer: 'lock',
      id: 'maxAutoRisk',
      text: `risk ${score} is above ${maxAutoRisk}, the most that the template allows without a person`,
    },
  ]
}

function ofType(bound: BoundPattern, type: string): boolean {
  return bound.type === type || bound.type === '*'
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

/** A block that an action could fall under, though that cannot be told. */
function possibleReason({ policy }: Matched): Reason {
  return {
    layer: 'policy',
    id: policy.id,
    text: `this could be what policy ${policy.id} blocks: ${matchText(policy)}${tail(policy.reason)}`,
  }
}

function policyReason({ policy }: Matched): Reason {
  return {
    layer: 'policy',
    id: policy.id,
    text: `policy ${policy.id} ${VERBS[policy.effect]} ${matchText(policy)}${tail(policy.reason)}`,
  }
}

/** What a policy is about, in words: `exec git push* of scout, risk 40 and more`. */
export function matchText(policy: Omit<OperatorPolicy, 'id' | 'effect'>): string {
  const { type, agent, template } = policy
  const target = targetText(policy)
  const what =
    type === undefined && target === undefined ? 'everything' : `${type ?? 'any'} ${target ?? '*'}`
  const who = [agent, template === undefined ? undefined : `template ${template}`]
    .filter((each) => each !== undefined)
    .join(', ')
  return `${what}${who === '' ? '' : ` of ${who}`}${riskText(policy)}`
}

function targetText({
  target,
  pattern,
  options,
}: Omit<OperatorPolicy, 'id' | 'effect'>): string | undefined {
  if (pattern !== undefined) return `/${pattern}/`
  return options === 'any' ? `${target} with any option` : target
}

function riskText({
  riskAtLeast: from,
  riskAtMost: to,
}: Omit<OperatorPolicy, 'id' | 'effect'>): string {
  if (from === undefined) return to === undefined ? '' : `, risk up to ${to}`
  return to === undefined ? `, risk ${from} and more` : `, risk ${from} to ${to}`
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
