import { plain } from '../../../base/text.ts'
import {
  cellPiece,
  type CellTone,
  type ListCell,
  type ListedRow,
  type Listing,
} from '../../../commands/listing.ts'
import type { LayerOf } from '../store/layer.ts'
import { rowIndex } from '../store/listed.ts'
import type { ConsoleState } from '../store/state.ts'
import { fit } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import { centred, windowFrom, type Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

type List = LayerOf<'list'>
type Column = Listing['columns'][number]

/** Longer cells are cut before they are measured. */
const MAX_CHARS = 400
const LEAST_REST = 8

const ROLES: Record<CellTone, ThemeRole> = {
  text: 'text',
  strong: 'strong',
  dim: 'dim',
  good: 'good',
  warn: 'warn',
  bad: 'bad',
  info: 'info',
}

/** A live list: its rows around the cursor under the titles of its columns. */
export function listView(state: ConsoleState, layer: List, room: Canvas): BodyView {
  const rows = shownRows(layer, state.ui.now)
  const view = {
    title: `${layer.face.list.title}${layer.filter === '' ? '' : `  /${plain(layer.filter, 80)}`}`,
    right: rightText(state, layer, rows.length),
    scroll: 0,
  }
  if (rows.length === 0) return { ...view, lines: centred(room, emptyList(state, layer)) }
  const columns = columnsIn(layer.face.list, room.width)
  const height = room.height - 1
  const at = rowIndex(rows, layer.cursor)
  const from = windowFrom(layer.scrollKey, at, rows.length, height)
  const head = room.painter.row(room.width, [
    ['text', '  '],
    ...columns.map((c): StyledText => ['dim', fitted(c, c.title)]),
  ])
  const lines = rows
    .slice(from, from + height)
    .map((row, i) => rowLine(room, columns, { row, now: state.ui.now, isCursor: from + i === at }))
  return { ...view, lines: [head, ...lines] }
}

/** The rows that the filter leaves; those of a long list are chosen by the deck. */
export function shownRows({ face, rows, filter }: List, now: number): readonly ListedRow[] {
  const { list } = face
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (list.paged || words.length === 0) return rows
  return rows.filter((row) => {
    const cells = list.columns.map(({ cell }) => cellPiece(cell(row as never, now))[1])
    const text = cells.join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

interface FittedColumn extends Column {
  cells: number
}

/** The columns that a line of so many cells has room for. */
function columnsIn({ columns }: Listing, cells: number): FittedColumn[] {
  const shown = columns.filter(({ from = 0 }) => cells >= from)
  const fixed = shown.reduce((sum, { width = 0 }) => sum + (width === 0 ? 0 : width + 1), 0)
  const rest = Math.max(LEAST_REST, cells - 2 - fixed - 1)
  return shown.map((column) => ({ ...column, cells: column.width ?? rest }))
}

const fitted = ({ cells, right = false }: FittedColumn, text: string): string =>
  `${fit(text, cells, right)} `

function rowLine(
  { painter, width }: Canvas,
  columns: readonly FittedColumn[],
  { row, now, isCursor }: { row: ListedRow; now: number; isCursor: boolean },
): string {
  const pieces = columns.map((column): StyledText => {
    const [tone, text] = cellPiece(column.cell(row as never, now) as ListCell)
    return [ROLES[tone], fitted(column, plain(text, MAX_CHARS))]
  })
  const mark: StyledText = ['title-focus', isCursor ? '▸ ' : '  ']
  return painter.row(width, [mark, ...pieces], isCursor ? 'cursor' : undefined)
}

/** Whether it is live, and how many rows are there. */
function rightText({ world }: ConsoleState, layer: List, shown: number): string {
  const { problem, rows, newer, older, filter, face } = layer
  if (world.connection.state === 'lost') return 'not live'
  if (problem !== '') return rows.length === 0 ? '' : `⚠ ${plain(problem, 120)}`
  if (layer.loadedFilter !== filter) return 'loading…'
  const isAll = newer === null && older === null
  const number = isAll ? String(shown) : `${shown} loaded`
  if (!face.list.paged) return filter === '' ? `● live · ${number}` : `${number} of ${rows.length}`
  const isLive = layer.cursor === null
  return `${isLive ? '● live' : 'cursor stays · g follows'} · ${number}`
}

/** What a list without rows says: why, and the next step. */
function emptyList({ world }: ConsoleState, layer: List): readonly StyledText[] {
  const { problem, filter, face } = layer
  if (world.connection.state === 'lost')
    return [
      ['warn', 'Not connected to the supervisor'],
      ['faint', 'The list is loaded when it answers'],
    ]
  if (problem !== '')
    return [
      ['bad', `✕ ${plain(problem, 400)}`],
      ['faint', filter === '' ? 'Esc goes back' : '/ changes the filter · Esc removes it'],
    ]
  if (layer.loadedFilter !== filter) return [['dim', 'Asking the supervisor…']]
  if (filter !== '')
    return [
      [
        'dim',
        `${layer.older === null ? 'No match' : 'Searching, no match yet'} for “${plain(filter, 60)}”`,
      ],
      ['faint', 'Esc shows all rows'],
    ]
  return face.list.none.map((text, i): StyledText => [i === 0 ? 'dim' : 'faint', text])
}
