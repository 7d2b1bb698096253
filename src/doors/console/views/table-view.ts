import { plain } from '../../../base/text.ts'
import { cellsOf } from '../../../commands/table.ts'
import type { LayerOf } from '../store/layer.ts'
import type { ConsoleState } from '../store/state.ts'
import { tableOf } from '../store/world.ts'
import { cut, fit, width } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import { centred, windowFrom, type Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

/** No column is cut to less. */
const LEAST_CELL = 8
/** Cells between two columns. */
const GAP = 2
/** Cells for the mark of the cursor. */
const MARK = 3

/** The rows of a noun without a pane, live, with a cursor. */
export function tableView(
  { world, ui }: ConsoleState,
  layer: LayerOf<'table'>,
  room: Canvas,
): BodyView {
  const { table } = layer
  const rows = [...tableOf(world, table.noun)]
  const view = { title: table.title, right: String(rows.length), scroll: 0 }
  if (rows.length === 0) return { ...view, lines: centred(room, [['dim', table.none]]) }
  const at = cursorOf(layer, rows)
  const height = room.height - 1
  const from = windowFrom(table, at, rows.length, height)
  const shown = rows
    .slice(from, from + height)
    .map(([, row]) => cellsOf(table, row, ui.now).map((cell) => plain(cell, 200)))
  const titles = table.columns.map(({ title }) => title)
  const widths = widthsOf([titles, ...shown], room.width - MARK)
  const pieces = (cells: readonly string[], role: ThemeRole): StyledText[] =>
    cells.map((cell, i) => [
      role,
      widths[i] === undefined ? cell : fit(cut(cell, widths[i] - GAP), widths[i]),
    ])
  const drawn = shown.map((cells, i) => {
    const isCursor = from + i === at
    const mark: StyledText = ['title-focus', isCursor ? ' ▸ ' : '   ']
    const background = isCursor ? 'cursor' : undefined
    return room.painter.row(room.width, [mark, ...pieces(cells, 'text')], background)
  })
  const head = room.painter.row(room.width, [['text', '   '], ...pieces(titles, 'dim')])
  return { ...view, lines: [head, ...drawn] }
}

/** The index of the row with the cursor; the first if that row is gone. */
export function cursorOf(
  { cursor }: LayerOf<'table'>,
  rows: readonly (readonly [string, unknown])[],
): number {
  return Math.max(
    0,
    rows.findIndex(([id]) => id === cursor),
  )
}

/**
 * Widths in cells with the gap, without the last column, which takes the rest of the line. Where
 * not all fits, the widest columns are cut.
 */
function widthsOf(rows: readonly (readonly string[])[], room: number): number[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((cells) => width(cells[i] ?? ''))),
  )
  let over = widths.reduce((sum, cells) => sum + cells + GAP, -GAP) - room
  for (; over > 0; over--) {
    const widest = Math.max(...widths)
    if (widest <= LEAST_CELL) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths.slice(0, -1).map((cells) => cells + GAP)
}
