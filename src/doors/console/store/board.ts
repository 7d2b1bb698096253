import type { RuleRow, Status } from '../../../domain/rules/types.ts'
import { filteredRows, paneRows, policyPaneRow } from './rows.ts'
import type { ConsoleState } from './state.ts'
import { oncePerState } from './once.ts'
import { tableOf } from './world.ts'

/**
 * Lanes of the board, from left to right: a status each, then `yours`, the leases and the
 * operator's own policies, beneath them.
 */
const LANES = ['hint', 'candidate', 'confirmed', 'suspended', 'archived', 'yours'] as const
export type LaneName = (typeof LANES)[number]

/** A lane. `ids` are keys of the policies pane; `total` also counts rules that are not mirrored. */
export interface Lane {
  name: LaneName
  ids: readonly string[]
  total: number
}

/** From this width on the lanes are side by side, else stacked. */
export const BOARD_COLUMNS = 100

/** Whether the policies pane is shown as a board: it is zoomed, and there are learned rules. */
export function isBoard({ ui, world }: ConsoleState): boolean {
  return (
    ui.zoomed &&
    ui.focus === 'policies' &&
    world.deck !== null &&
    (tableOf(world, 'rule').size > 0 || world.deck.rules.archived > 0)
  )
}

/** The lanes, filtered as the pane is. */
export const lanesOf = oncePerState((state: ConsoleState): Lane[] => {
  const { world, ui } = state
  const lanes: Record<LaneName, string[]> = {
    hint: [],
    candidate: [],
    confirmed: [],
    suspended: [],
    archived: [],
    yours: [],
  }
  for (const key of paneRows(world, 'policies', ui.filter.policies)) {
    const found = policyPaneRow(world, key)
    if (found !== undefined)
      lanes[found.noun === 'rule' ? (found.row as RuleRow).status : 'yours'].push(key)
  }
  const archived = [...(world.archived?.keys() ?? [])]
    .filter((id) => !tableOf(world, 'rule').has(id))
    .map((id) => `rule:${id}`)
  lanes.archived.push(...filteredRows(world, 'policies', archived, ui.filter.policies))
  const total = (name: LaneName): number =>
    ui.filter.policies !== '' || name === 'yours'
      ? lanes[name].length
      : Math.max(lanes[name].length, world.deck?.rules[name as Status] ?? 0)
  return LANES.map((name) => ({ name, ids: lanes[name], total: total(name) }))
})

/** The lane and the row of the cursor; without a cursor, the first row of the board. */
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
