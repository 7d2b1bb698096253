import { peopleRule } from '../domain/operators/people/rules.ts'
import type { Right } from '../domain/operators/rules.ts'
import type { OperatorPolicy } from '../domain/policy/types.ts'
import type { Deck } from './deck.ts'

/**
 * What it takes to remove these policies. One that asks for several people, or for another person,
 * binds operators, so that none of them can end it alone.
 */
export async function rightToRemove(
  { policy: service }: Deck,
  isMeant: (policy: OperatorPolicy) => boolean,
): Promise<Right> {
  const { policies } = await service.list()
  const binds = policies.some((policy) => isMeant(policy) && peopleRule(policy) !== undefined)
  return binds ? 'own' : 'operate'
}
