import { glob } from '../../base/glob.ts'
import { peopleRule } from '../operators/people/rules.ts'
import type { PeopleKeys, PeopleRule } from '../operators/people/types.ts'
import type { Voters } from '../operators/people/voters.ts'
import type { AskPattern, GuardBounds } from '../templates/types.ts'
import { matchText } from './reasons.ts'
import type { AgentIdentity, OperatorPolicy } from './types.ts'

/** Who has to agree to what, and who says so. */
interface PeopleAsked {
  rule: PeopleRule
  what: string
  by: string
}

/** Where more people have to agree on what an agent does than can now. */
export function tooFewFor(
  agent: AgentIdentity,
  { bounds, policies }: { bounds: GuardBounds | undefined; policies: readonly OperatorPolicy[] },
  voters: Pick<Voters, 'whyTooFew'>,
): { what: string; by: string; why: string }[] {
  const asked = [
    ...(bounds === undefined ? [] : askedByLock(bounds)),
    ...policies.flatMap((policy) => askedByPolicy(policy, agent)),
  ]
  return asked.flatMap(({ rule, what, by }) => {
    const why = voters.whyTooFew([rule], agent.name)
    return why === undefined ? [] : [{ what, by, why }]
  })
}

function askedByLock(bounds: GuardBounds): PeopleAsked[] {
  const asked = (keys: PeopleKeys, what: string): PeopleAsked[] => {
    const rule = peopleRule(keys)
    return rule === undefined ? [] : [{ rule, what, by: 'the template' }]
  }
  return [
    ...asked(bounds, 'what no policy allows'),
    ...bounds.ask.flatMap((pattern: AskPattern) =>
      asked(pattern, `${pattern.type} ${pattern.target}`),
    ),
  ]
}

function askedByPolicy(policy: OperatorPolicy, { name, template }: AgentIdentity): PeopleAsked[] {
  const rule = policy.effect === 'ask' ? peopleRule(policy) : undefined
  if (rule === undefined || !glob(policy.agent ?? '*', name)) return []
  if (!glob(policy.template ?? '*', template)) return []
  return [{ rule, what: matchText(policy), by: `policy ${policy.id}` }]
}

/** One sentence for each rule that cannot be met, whatever number of agents it concerns. */
export function tooFewOf(
  agents: readonly AgentIdentity[],
  {
    boundsOf,
    policies,
    voters,
  }: {
    /** The bounds of an agent, while it is guarded. */
    boundsOf: (agent: string) => { bounds: GuardBounds } | { refusal: string }
    policies: readonly OperatorPolicy[]
    voters: Pick<Voters, 'whyTooFew'>
  },
): string[] {
  const asking = policies.filter((policy) => peopleRule(policy) !== undefined)
  const found = new Map<string, { why: string; others: number }>()
  for (const agent of agents) {
    const known = boundsOf(agent.name)
    const bounds = 'bounds' in known ? known.bounds : undefined
    for (const { what, by, why } of tooFewFor(agent, { bounds, policies: asking }, voters)) {
      const about = by === 'the template' ? `template ${agent.template}, ${what}` : by
      const before = found.get(about)
      if (before === undefined) found.set(about, { why, others: 0 })
      else before.others++
    }
  }
  return [...found].map(
    ([about, { why, others }]) =>
      `${about}: ${why}${others === 0 ? '' : ` (and so for ${others} more)`}`,
  )
}
