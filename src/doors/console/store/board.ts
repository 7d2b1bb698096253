import type { RuleRow, Status } from '../../../domain/rules/types.ts'
import { filtered, rowsOf, ruled } from './select.ts'
import { once, type ConsoleState } from './store.ts'
import { tableOf } from './world.ts'

/** Where rules stand on the board, from left to right; `yours` are the leases and the operator's own policies beneath. */
export const LANES = ['hint', 'candidate', 'confirmed', 'suspended', 'archived', 'yours'] as const
export type LaneName = (typeof LANES)[number]

/** Rows of one lane, as the policies pane names them. `total` counts also those that are not mirrored. */
export interface Lane {
  name: LaneName
  ids: readonly string[]
  total: number
}

/** So wide the lanes stand beside each other; else one below the other. */
export const BOARD_COLUMNS = 100

/** Whether the policies pane is a board now: it has the whole screen, and something was learned. */
export function isBoard({ ui, world }: ConsoleState): boolean {
  return (
    ui.zoomed &&
    ui.focus === 'policies' &&
    world.deck !== null &&
    (tableOf(world, 'rule').size > 0 || world.deck.rules.archived > 0)
  )
}

/** The lanes, filtered as the pane is; made once for each state. */
export const lanesOf = once((state: ConsoleState): Lane[] => {
  const { world, ui } = state
  const lanes: Record<LaneName, string[]> = {
    hint: [],
    candidate: [],
    confirmed: [],
    suspended: [],
    archived: [],
    yours: [],
  }
  for (const place of rowsOf(world, 'policies', ui.filter.policies)) {
    const found = ruled(world, place)
    if (found !== undefined)
      lanes[found.noun === 'rule' ? (found.row as RuleRow).status : 'yours'].push(place)
  }
  const put = [...(world.archived?.keys() ?? [])]
    .filter((id) => !tableOf(world, 'rule').has(id))
    .map((id) => `rule:${id}`)
  lanes.archived.push(...filtered(world, 'policies', put, ui.filter.policies))
  const total = (name: LaneName): number =>
    ui.filter.policies !== '' || name === 'yours'
      ? lanes[name].length
      : Math.max(lanes[name].length, world.deck?.rules[name as Status] ?? 0)
  return LANES.map((name) => ({ name, ids: lanes[name], total: total(name) }))
})

/** Where the cursor is: the lane and the row in it; the first row there is when it is nowhere. */
export function placeOnBoard(
  lanes: readonly Lane[],
  cursor: string | null,
): { lane: number; at: number } | undefined {
  for (const [lane, { ids }] of lanes.entries()) {
    const at = cursor === null ? -1 : ids.indexOf(cursor)
    if (at >= 0) return { lane, at }
  }
  const lane = lanes.findIndex(({ ids }) => ids.length > 0)
  return lane < 0 ? undefined : { lane, at: 0 }
}
