import { peopleRule } from '../operators/people/rules.ts'
import type { PeopleRule } from '../operators/people/types.ts'
import type { BoundPattern, GuardBounds } from '../templates/types.ts'
import { boundPermission, boundRestriction } from './matching/bounds.ts'
import { waysOut } from './matching/egress-bounds.ts'
import { coveredPieces } from './matching/permission.ts'
import { matchRestriction, type ActionTexts } from './matching/restriction.ts'
import type { ActionView } from './matching/view.ts'
import { lockReason } from './reasons.ts'
import type { Reason, Risk } from './types.ts'

/** Why the lock blocks an action, or requires approval for it. */
export interface LockRestrictions {
  blocks: Reason[]
  asks: Reason[]
  /** Who has to agree where a person decides. */
  people: PeopleRule[]
}

/** What the lock restricts. For what it forbids and the action only could be, a person is asked. */
export function lockRestrictions(
  bounds: GuardBounds,
  { view, texts, risk }: { view: ActionView; texts: ActionTexts; risk: Risk },
): LockRestrictions {
  const { type } = view.action
  if (!bounds.types.includes(type) && !bounds.types.includes('*')) {
    const types = bounds.types.join(', ') || 'none'
    const text = `this agent's template has no actions of type ${type}, only ${types}`
    return { blocks: [{ layer: 'lock', id: 'types', text }], asks: [], people: [] }
  }
  const matched = <P extends BoundPattern>(patterns: readonly P[]) =>
    patterns
      .filter((bound) => isForType(bound, type))
      .map((bound) => ({
        bound,
        likelihood: matchRestriction(boundRestriction(bound, view.table), view, texts),
      }))
  const blocks = matched(bounds.block)
  const ways = waysOut(bounds, view.action)
  const asks = matched(bounds.ask).filter(({ likelihood }) => likelihood !== 'none')
  return {
    blocks: [
      ...blocks
        .filter(({ likelihood }) => likelihood === 'certain')
        .map(({ bound }) => lockReason('block', bound, 'the template forbids')),
      ...ways.blocks,
    ],
    asks: [
      ...ways.asks,
      ...blocks
        .filter(({ likelihood }) => likelihood === 'possible')
        .map(({ bound }) => lockReason('block', bound, 'this could be what the template forbids:')),
      ...asks.map(({ bound }) => lockReason('ask', bound, 'the template requires approval for')),
      ...riskReasons(bounds, risk),
    ],
    people: [bounds, ...asks.map(({ bound }) => bound)].flatMap((keys) => peopleRule(keys) ?? []),
  }
}

/** Compared so that a limit that is not a number asks too. */
function riskReasons({ maxAutoRisk }: GuardBounds, { score }: Risk): Reason[] {
  if (score <= maxAutoRisk) return []
  const text = `risk ${score} is over the auto-approve limit ${maxAutoRisk}`
  return [{ layer: 'lock', id: 'maxAutoRisk', text }]
}

/** Why the lock allows pieces that are not covered yet. They are added to `covered`. */
export function lockPermissions(
  bounds: GuardBounds,
  view: ActionView,
  covered: Set<number>,
): Reason[] {
  const { allows } = waysOut(bounds, view.action)
  // What the gate asks is about one target.
  if (allows.length > 0) covered.add(0)
  const others = bounds.allow
    .filter((bound) => isForType(bound, view.action.type))
    .flatMap((bound) => {
      const pieces = [...coveredPieces(boundPermission(bound), view)]
      const added = pieces.filter((piece) => !covered.has(piece))
      for (const piece of added) covered.add(piece)
      return added.length === 0 ? [] : [lockReason('allow', bound, 'the template allows')]
    })
  return [...allows, ...others]
}

function isForType(bound: BoundPattern, type: string): boolean {
  return bound.type === type || bound.type === '*'
}
