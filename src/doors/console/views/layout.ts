import type { Rect } from '../terminal-seam.ts'
import { PANES, isPane, type PaneName } from '../store/ui.ts'

export interface Placed {
  id: string
  rect: Rect
  boxed: boolean
}

export interface Layout {
  kind: 'grid' | 'stack'
  panes: Placed[]
}

const GRID_COLUMNS = 100
const GRID_ROWS = 20
/** Rows of a pane that is not in focus, where panes are stacked: its rule and three lines. */
const COMPACT = 4

/** Where panes lie between the header and the footer. `tiles` are open terminals, by id, in their order. */
export function layout(
  columns: number,
  rows: number,
  focus: string,
  zoomed: boolean,
  tiles: readonly string[],
): Layout {
  const body: Rect = { x: 0, y: 1, width: Math.max(1, columns), height: Math.max(1, rows - 2) }
  const grid = columns >= GRID_COLUMNS && rows >= GRID_ROWS
  if (zoomed)
    return { kind: grid ? 'grid' : 'stack', panes: [{ id: focus, rect: body, boxed: true }] }
  if (!grid)
    return {
      kind: 'stack',
      panes: tiles.includes(focus) ? [{ id: focus, rect: body, boxed: true }] : stack(body, focus),
    }
  return { kind: 'grid', panes: tiles.length > 0 ? withTiles(body, focus, tiles) : quarters(body) }
}

function quarters(body: Rect): Placed[] {
  const left = Math.round(body.width * 0.43)
  const above = Math.max(8, Math.round(body.height * 0.52))
  const cell = (id: PaneName, x: number, y: number, width: number, height: number): Placed => ({
    id,
    rect: { x, y: body.y + y, width, height },
    boxed: true,
  })
  return [
    cell('agents', 0, 0, left, above),
    cell('approvals', left, 0, body.width - left, above),
    cell('policies', 0, above, left, body.height - above),
    cell('audit', left, above, body.width - left, body.height - above),
  ]
}

/** Small screens: one below the other, the focused pane large. */
function stack(body: Rect, focus: string): Placed[] {
  const open = isPane(focus) ? focus : 'agents'
  const small = Math.max(1, Math.min(COMPACT, Math.floor((body.height - 6) / 4)))
  const large = Math.max(1, body.height - small * (PANES.length - 1))
  let y = body.y
  return PANES.map((id) => {
    const height = id === open ? large : small
    const placed = { id, rect: { x: 0, y, width: body.width, height }, boxed: false }
    y += height
    return placed
  }).filter((p) => p.rect.y < body.y + body.height)
}

/** With terminals open they take the right side, at most three at once, and the panes stand in a column at the left. */
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
