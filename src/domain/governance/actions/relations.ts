import { HOUR } from '../times.ts'
import type { LedgerRow } from '../types.ts'

/** Actions by id, as far as they were loaded. */
export type ActionsById = ReadonlyMap<string, LedgerRow>

const MOST_PARENTS = 10
export const MOST_RELATED = 20

/** The parents of an action, nearest first, up to a missing one or one that comes again. */
export function parentChain(action: LedgerRow, actions: ActionsById): LedgerRow[] {
  const chain: LedgerRow[] = []
  const seen = new Set([action.action_id])
  let next = action.parent_action_id
  while (next !== null && !seen.has(next) && chain.length < MOST_PARENTS) {
    seen.add(next)
    const parent = actions.get(next)
    if (parent === undefined) break
    chain.push(parent)
    next = parent.parent_action_id
  }
  return chain
}

const RELATED_WITHIN = HOUR

/**
 * Actions around the same time by the same agent or on the same systems: at most 20, nearest in
 * time first. Parents and sub-actions are told elsewhere.
 */
export function relatedActions(action: LedgerRow, others: Iterable<LedgerRow>): LedgerRow[] {
  const at = Date.parse(action.timestamp_start)
  const systems = systemsKey(action)
  const distance = (other: LedgerRow) => Math.abs(Date.parse(other.timestamp_start) - at)
  return [...others]
    .filter((other) => {
      if (other.action_id === action.action_id || isFamily(action, other)) return false
      if (!(distance(other) <= RELATED_WITHIN)) return false
      return (
        other.agent_id === action.agent_id || (systems !== '[]' && systemsKey(other) === systems)
      )
    })
    .toSorted((a, b) => distance(a) - distance(b) || (a.action_id < b.action_id ? -1 : 1))
    .slice(0, MOST_RELATED)
}

function isFamily(action: LedgerRow, other: LedgerRow): boolean {
  return other.parent_action_id === action.action_id || action.parent_action_id === other.action_id
}

/** The same for the same systems, in whatever order and case they were written. */
function systemsKey({ systems_touched }: LedgerRow): string {
  const names = new Set(systems_touched.map((system) => system.toLowerCase()))
  return JSON.stringify([...names].toSorted())
}
