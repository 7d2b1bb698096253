import { plain } from '../../base/text.ts'
import type { Lease } from '../leases/types.ts'
import { peopleRule, peopleRuleText } from '../operators/people/rules.ts'
import type { PeopleKeys, PeopleRule } from '../operators/people/types.ts'
import type { BoundPattern } from '../templates/types.ts'
import type { PolicyMatch } from './matching/policy-match.ts'
import type { ActionView } from './matching/view.ts'
import type { OperatorPolicy, Reason } from './types.ts'

/**
 * A reason that names a bound of the lock. `verb` has its subject, as in `the template forbids`.
 */
export function lockReason(id: string, bound: BoundPattern & PeopleKeys, verb: string): Reason {
  const { type, target, reason } = bound
  const what = type === '*' && target === '*' ? 'everything' : `${type} ${target}`
  return { layer: 'lock', id, text: `${verb} ${what}${byPeople(bound)}${cause(reason)}` }
}

/** For what a person decides about an agent whose template asks for more people. */
export function peopleReason(rule: PeopleRule): Reason {
  const text = `the template lets this be decided by ${peopleRuleText(rule)}`
  return { layer: 'lock', id: 'people', text }
}

/** For a policy that would allow what the template leaves to several people. */
export function overruledReason({ policy }: PolicyMatch): Reason {
  const { id, effect } = policy
  const text = `policy ${id} ${VERBS[effect]} ${matchText(policy)}, which does not stand in for them`
  return { layer: 'policy', id, text }
}

/** `, by 2 people`, without their names: agents read it. */
function byPeople(keys: PeopleKeys): string {
  const rule = peopleRule(keys)
  return rule === undefined ? '' : `, by ${peopleRuleText(rule)}`
}

const VERBS = {
  allow: 'allows',
  warn: 'warns about',
  ask: 'requires approval for',
  block: 'blocks',
} as const

export function policyReason({ policy }: PolicyMatch): Reason {
  const { id, effect, reason } = policy
  return {
    layer: 'policy',
    id,
    text: `policy ${id} ${VERBS[effect]} ${matchText(policy)}${byPeople(policy)}${cause(reason)}`,
  }
}

/** For a policy that blocks what the action possibly is. */
export function possibleReason({ policy }: PolicyMatch): Reason {
  const { id, reason } = policy
  return {
    layer: 'policy',
    id,
    text: `this could be what policy ${id} blocks: ${matchText(policy)}${cause(reason)}`,
  }
}

export function leaseReason({ id, grantedBy, type, target, uses, usesLeft }: Lease): Reason {
  const left = usesLeft - 1
  const rest = left === 0 ? 'this was its last use' : `${left} of ${uses} uses left`
  return {
    layer: 'lease',
    id,
    text: `lease ${id} of ${grantedBy} covers ${type} ${shown(target)}; ${rest}`,
  }
}

/** Why a person decides where no policy, lease or bound covers the action. */
export function uncoveredReasons(view: ActionView, matches: readonly PolicyMatch[]): Reason[] {
  const { line, action } = view
  const partly = matches.flatMap(({ policy, missing }): Reason[] => {
    if (missing === undefined) return []
    const text = `policy ${policy.id} allows ${matchText(policy)}, but not this: ${shown(missing)}`
    return [{ layer: 'policy', id: policy.id, text }]
  })
  const unclear = (line?.unclear ?? []).map((why): Reason => ({
    layer: 'default',
    text: `not everything that this would run is known: ${why}`,
  }))
  const text = `no policy and no lease covers ${action.type} ${shown(action.target)}: a person decides`
  return [...partly, ...unclear, { layer: 'default', text }]
}

type PolicyTarget = Omit<OperatorPolicy, 'id' | 'effect'>

/** What a policy matches, in words: `exec git push* of scout, risk 40 and more`. */
export function matchText(policy: PolicyTarget): string {
  const { type, agent, template } = policy
  const target = targetText(policy)
  const what =
    type === undefined && target === undefined ? 'everything' : `${type ?? 'any'} ${target ?? '*'}`
  const who = [agent, template === undefined ? undefined : `template ${template}`]
    .filter((each) => each !== undefined)
    .join(', ')
  return `${what}${who === '' ? '' : ` of ${who}`}${riskText(policy)}`
}

function targetText({ target, pattern, options }: PolicyTarget): string | undefined {
  if (pattern !== undefined) return `/${pattern}/`
  return options === 'any' ? `${target} with any option` : target
}

function riskText({ riskAtLeast: from, riskAtMost: to }: PolicyTarget): string {
  if (from === undefined) return to === undefined ? '' : `, risk up to ${to}`
  return to === undefined ? `, risk ${from} and more` : `, risk ${from} to ${to}`
}

function cause(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`
}

function shown(text: string): string {
  return plain(text, 120)
}
