import type { Journal } from '../../../journal/journal.ts'
import { deviceOf, operatorOf } from '../rules.ts'
import type { Operator, OperatorAccess } from '../types.ts'
import { mayDecide, missingPeople, voterOf, whyTooFew } from './rules.ts'
import type { PeopleRule, Voter } from './types.ts'

/** Whose word counts, as the journal has it at this moment. */
export interface Voters {
  /** Who this is, if they may decide on this agent. */
  voter(actor: string, agent: string): Voter | undefined
  /** Whether somebody who agreed may still decide, and their device is still trusted. */
  counts(agreed: { operator: string; actor: string }, agent: string): boolean
  /**
   * The operator who started an agent: the one who runs the deck if events do not tell. Whoever
   * made an API key that did, for they may use it.
   */
  starterOf(agent: string): string
  /** Why these rules cannot be met now; undefined if they can. */
  whyTooFew(rules: readonly PeopleRule[], agent: string): string | undefined
  /** Whether those of them who may still decide are enough for these rules. */
  areEnough(agreedBy: readonly Voter[], rules: readonly PeopleRule[], agent: string): boolean
}

export function votersOf(
  { rows }: Pick<Journal, 'rows'>,
  operators: Pick<OperatorAccess, 'local' | 'all'>,
): Voters {
  const known = (id: string) => rows.get<Operator>('operator', id)
  const isTrusted = (device: string | undefined) =>
    device === undefined || rows.get<{ state: string }>('device', device)?.state === 'trusted'
  const starterOf = (agent: string): string => {
    const startedBy = rows.get<{ startedBy: string }>('agent', agent)?.startedBy ?? ''
    const operator = startedBy === '' ? operators.local() : known(startedBy)
    if (operator === undefined) return startedBy
    const { operator: id, madeBy = id } = voterOf(operator)
    return madeBy
  }
  return {
    starterOf,
    voter(actor, agent) {
      const operator = known(operatorOf(actor) ?? '')
      if (operator === undefined || !mayDecide(operator, agent) || !isTrusted(deviceOf(actor)))
        return undefined
      return voterOf(operator)
    },
    counts: ({ operator, actor }, agent) =>
      mayDecide(known(operator), agent) && isTrusted(deviceOf(actor)),
    whyTooFew: (rules, agent) =>
      whyTooFew(rules, { operators: operators.all(), agent, starter: starterOf(agent) }),
    areEnough(agreedBy, rules, agent) {
      const able = agreedBy.flatMap((one) => {
        const operator = known(one.operator)
        return operator !== undefined && mayDecide(operator, agent) ? [voterOf(operator)] : []
      })
      return missingPeople(rules, able, starterOf(agent)).length === 0
    },
  }
}
