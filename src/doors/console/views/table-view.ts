import { plain } from '../../../base/text.ts'
import { cellsOf, type NounTable } from '../../../commands/table.ts'
import type { Layer } from '../store/layer.ts'
import type { ConsoleState } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import { fit, width } from '../text/width.ts'
import type { Piece } from '../theme/theme.ts'
import { centred, windowFrom, type Canvas } from './frame.ts'
import type { View } from './view.ts'

/** Wider cells are cut, but for the last column, which has the rest of the line. */
const WIDEST = 32

/** The rows of a noun, live, with a cursor: for nouns without a pane of their own. */
export function tableView(
  { world, ui }: ConsoleState,
  layer: Extract<Layer, { kind: 'table' }>,
  room: Canvas,
): View {
  const { table } = layer
  const rows = [...tableOf(world, table.noun)]
  const view = { title: table.title, right: String(rows.length), scroll: 0 }
  if (rows.length === 0) return { ...view, lines: centred(room, [['dim', table.none]]) }
  const at = cursorOf(layer, rows)
  const from = windowFrom(table, at, rows.length, room.height - 1)
  const shown = rows
    .slice(from, from + room.height - 1)
    .map(([, row]) => cellsOf(table, row, ui.now).map((cell) => plain(cell, 200)))
  const widths = widthsOf(table, shown)
  const line = (cells: readonly string[], role: Piece[0]): Piece[] =>
    cells.map((cell, i) => {
      const cut = widths[i]
      return [role, cut === undefined ? cell : fit(`${cell}  `, cut)]
    })
  return {
    ...view,
    lines: [
      room.painter.row(room.width, [
        ['text', '   '],
        ...line(
          table.columns.map(({ title }) => title),
          'dim',
        ),
      ]),
      ...shown.map((cells, i) =>
        room.painter.row(
          room.width,
          [['title-focus', from + i === at ? ' ▸ ' : '   '], ...line(cells, 'text')],
          from + i === at ? 'cursor' : undefined,
        ),
      ),
    ],
  }
}

/** Where the cursor stands: on its row, or on the first when that is gone. */
export function cursorOf(
  { cursor }: Extract<Layer, { kind: 'table' }>,
  rows: readonly (readonly [string, unknown])[],
): number {
  return Math.max(
    0,
    rows.findIndex(([id]) => id === cursor),
  )
}

/** In cells, with the gap behind; the last column has none. */
function widthsOf({ columns }: NounTable, rows: readonly (readonly string[])[]): number[] {
  return columns
    .slice(0, -1)
    .map(
      ({ title }, i) =>
        Math.min(WIDEST, Math.max(width(title), ...rows.map((cells) => width(cells[i] ?? '')))) + 2,
    )
}
