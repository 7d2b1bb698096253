import { isPane, PANES, type PaneName, type UiHalf } from '../store/ui.ts'
import type { Rect } from '../terminal-seam.ts'

/** Where a pane or a terminal tile is. */
export interface Placed {
  id: string
  rect: Rect
  boxed: boolean
}

interface Layout {
  kind: 'grid' | 'stack'
  panes: Placed[]
}

/** What the layout depends on. Tiles are in the order of opening. */
export type LayoutInput = Pick<UiHalf, 'columns' | 'rows' | 'focus' | 'zoomed'> & {
  tiles: readonly { id: string }[]
}

const GRID_COLUMNS = 100
const GRID_ROWS = 20
/** Rows of an unfocused pane in a stack: its title and three rows. */
const COMPACT_ROWS = 4

/** Where panes are, between the header and the footer. */
export function layout({ columns, rows, focus, zoomed, tiles }: LayoutInput): Layout {
  const body: Rect = { x: 0, y: 1, width: Math.max(1, columns), height: Math.max(1, rows - 2) }
  const isGrid = columns >= GRID_COLUMNS && rows >= GRID_ROWS
  const kind = isGrid ? 'grid' : 'stack'
  const ids = tiles.map(({ id }) => id)
  if (zoomed || (!isGrid && ids.includes(focus)))
    return { kind, panes: [{ id: focus, rect: body, boxed: true }] }
  if (!isGrid) return { kind, panes: stack(body, focus) }
  return { kind, panes: ids.length > 0 ? withTiles(body, focus, ids) : quarters(body) }
}

function quarters(body: Rect): Placed[] {
  const left = Math.round(body.width * 0.43)
  const above = Math.max(8, Math.round(body.height * 0.52))
  const right = body.width - left
  const below = body.height - above
  const cell = (id: PaneName, rect: Rect): Placed => ({
    id,
    rect: { ...rect, y: body.y + rect.y },
    boxed: true,
  })
  return [
    cell('agents', { x: 0, y: 0, width: left, height: above }),
    cell('approvals', { x: left, y: 0, width: right, height: above }),
    cell('policies', { x: 0, y: above, width: left, height: below }),
    cell('audit', { x: left, y: above, width: right, height: below }),
  ]
}

/** On small screens: one below the other, the focused pane large. */
function stack(body: Rect, focus: string): Placed[] {
  const open = isPane(focus) ? focus : 'agents'
  const small = Math.max(1, Math.min(COMPACT_ROWS, Math.floor((body.height - 6) / 4)))
  const large = Math.max(1, body.height - small * (PANES.length - 1))
  let y = body.y
  return PANES.map((id) => {
    const height = id === open ? large : small
    const placed = { id, rect: { x: 0, y, width: body.width, height }, boxed: false }
    y += height
    return placed
  }).filter((p) => p.rect.y < body.y + body.height)
}

/**
 * Open terminals take the right side, at most three at a time; the panes are stacked at the left.
 */
function withTiles(body: Rect, focus: string, tiles: readonly string[]): Placed[] {
  const left = Math.max(44, Math.round(body.width * 0.34))
  const at = Math.max(0, tiles.indexOf(focus))
  const many = Math.max(1, Math.min(3, Math.floor(body.height / 10), tiles.length))
  const first = Math.max(0, Math.min(tiles.length - many, at - many + 1))
  const shown = tiles.slice(first, first + many)
  const each = Math.floor(body.height / shown.length)
  const right = shown.map((id, i): Placed => ({
    id,
    boxed: true,
    rect: {
      x: left,
      y: body.y + i * each,
      width: body.width - left,
      height: i === shown.length - 1 ? body.height - i * each : each,
    },
  }))
  return [...stack({ ...body, width: left }, isPane(focus) ? focus : 'approvals'), ...right]
}
