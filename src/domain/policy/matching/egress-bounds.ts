import { EgressIndex } from '../../egress/matching/rule-index.ts'
import { boundMatch, boundWords } from '../../egress/rules.ts'
import { readNetTarget } from '../../egress/matching/target.ts'
import type { EgressBound } from '../../egress/matching/types.ts'
import type { BoundPattern, GuardBounds } from '../../templates/types.ts'
import type { Action, Reason } from '../types.ts'

/** What a lock's egress list says of what the gate asks. */
export interface WaysOut {
  blocks: Reason[]
  asks: Reason[]
  /** Why it is allowed without anybody being asked. */
  allows: Reason[]
}

const NOTHING: WaysOut = { blocks: [], asks: [], allows: [] }

// A lock's bounds are compared with every question of its agent, so each list is indexed once.
const indexes = new WeakMap<readonly EgressBound[], EgressIndex<EgressBound>>()

function indexOf(bounds: readonly EgressBound[]): EgressIndex<EgressBound> {
  let index = indexes.get(bounds)
  if (index !== undefined) return index
  index = new EgressIndex()
  for (const bound of bounds) {
    const match = boundMatch(bound)
    index.add(bound, match, match.effect === 'allow' || match.effect === 'warn')
  }
  indexes.set(bounds, index)
  return index
}

/** What leaves a pod stays within the signed list. What the gate does not ask is not its matter. */
export function waysOut({ egress = [] }: GuardBounds, action: Action): WaysOut {
  if (action.gate === undefined) return NOTHING
  const target = readNetTarget(action.target)
  const found = target === undefined ? [] : indexOf(egress).find(target)
  const known = found.map(({ item, likelihood }) => ({ bound: item, likelihood }))
  const of = (effect: BoundEffect, likelihood: 'certain' | 'possible') =>
    known.filter((one) => one.likelihood === likelihood && effectOf(one.bound) === effect)
  const blocked = of('block', 'certain')
  const within = known.filter(
    ({ bound, likelihood }) => likelihood === 'certain' && effectOf(bound) !== 'block',
  )
  if (blocked.length > 0)
    return { ...NOTHING, blocks: blocked.map(({ bound }) => reasonOf(bound, 'forbids')) }
  if (within.length === 0) return { ...NOTHING, blocks: [outsideReason(action, known.length > 0)] }
  return {
    blocks: [],
    asks: [
      ...of('block', 'possible').map(({ bound }) => reasonOf(bound, 'forbids, perhaps, going to')),
      ...known
        .filter(({ bound }) => effectOf(bound) === 'ask')
        .map(({ bound }) => reasonOf(bound, 'requires approval for')),
    ],
    allows: [...of('allow', 'certain'), ...of('warn', 'certain')].map(({ bound }) =>
      reasonOf(bound, 'allows'),
    ),
  }
}

type BoundEffect = NonNullable<ReturnType<typeof boundMatch>['effect']>

function effectOf(bound: EgressBound): BoundEffect | undefined {
  return boundMatch(bound).effect
}

function reasonOf(bound: EgressBound, verb: string): Reason {
  const { reason } = boundMatch(bound) as Partial<BoundPattern>
  const cause = reason === undefined ? '' : `: ${reason}`
  return { layer: 'lock', id: 'egress', text: `the template ${verb} ${boundWords(bound)}${cause}` }
}

function outsideReason({ target }: Action, isPartly: boolean): Reason {
  const text = isPartly
    ? `the template limits what is sent there, which is not seen in ${target}`
    : `${target} is not in the egress list of this agent's template`
  return { layer: 'lock', id: 'egress', text }
}
