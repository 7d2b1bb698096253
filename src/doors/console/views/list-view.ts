import { plain } from '../../../base/text.ts'
import {
  cellPiece,
  type CellTone,
  type ListCell,
  type ListedRow,
  type Listing,
  type OpenedRow,
} from '../../../commands/listing.ts'
import { findFace } from '../../../commands/registry.ts'
import type { LayerOf } from '../store/layer.ts'
import { rowIndex, shownRows } from '../store/listed.ts'
import type { ConsoleState } from '../store/state.ts'
import { fit, wrap } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import { centred, windowFrom, type Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

type List = LayerOf<'list'>
type Column = Listing['columns'][number]

/** Longer cells are cut before they are measured. */
const MAX_CHARS = 400
const LEAST_REST = 8
/** From this width on columns take what they take on wide lines. */
const WIDE = 110

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
    title: `${titleOf(layer)}${layer.filter === '' ? '' : `  /${plain(layer.filter, 80)}`}`,
    right: rightText(state, layer, rows.length),
    scroll: 0,
  }
  if (rows.length === 0) return { ...view, lines: centred(room, emptyList(state, layer)) }
  const columns = columnsIn(layer.face.list, room.width)
  const at = rowIndex(rows, layer.cursor)
  const { height, card } = withCard(layer.face.list, { rows, at, now: state.ui.now }, room)
  const from = windowFrom(layer.scrollKey, at, rows.length, height)
  const head = room.painter.row(room.width, [
    ['text', '  '],
    ...columns.map((c): StyledText => ['dim', fitted(c, c.title)]),
  ])
  const lines = rows
    .slice(from, from + height)
    .map((row, i) => rowLine(room, columns, { row, now: state.ui.now, isCursor: from + i === at }))
  return { ...view, lines: [head, ...lines, ...card] }
}

/** The least rows of a card, with the line above it. */
const LEAST_CARD = 8
/** A list needs so many rows before a card may take some. */
const LEAST_LIST = 6

/** How many rows a list shows, and the card below them. */
function withCard(
  list: Listing,
  { rows, at, now }: { rows: readonly ListedRow[]; at: number; now: number },
  room: Canvas,
): { height: number; card: string[] } {
  const all = room.height - 1
  const height = Math.min(rows.length, all - LEAST_CARD)
  const paragraphs = list.card?.(rows[at] as never, now)
  if (paragraphs === undefined || height < Math.min(rows.length, LEAST_LIST))
    return { height: all, card: [] }
  const opened = openedText(list.opens?.(rows[at] as never))
  const card = cardLines(paragraphs, opened, { ...room, height: all - height })
  return { height, card }
}

/** What a line has no room for, below the list, and what opening the row shows. */
function cardLines(
  paragraphs: readonly ListCell[],
  opened: string,
  { painter, width, height }: Canvas,
): string[] {
  const told = paragraphs.map(cellPiece).flatMap(([tone, text]) => {
    const mark = /^[→•] /.exec(text)?.[0] ?? ''
    const lines = wrap(plain(text.slice(mark.length), MAX_CHARS), width - 4 - mark.length)
    return lines.map((line, i): StyledText => [
      ROLES[tone],
      `${i === 0 ? mark : ' '.repeat(mark.length)}${line}`,
    ])
  })
  const next: StyledText[] = [
    ['text', '  '],
    ['key', '⏎'],
    ['hint', ` opens: ${opened}`],
  ]
  return [
    painter.paint('rule', '─'.repeat(width)),
    ...told
      .slice(0, height - (opened === '' ? 1 : 3))
      .map((piece) => painter.row(width, [['text', '  '], piece])),
    ...(opened === '' ? [] : [' '.repeat(width), painter.row(width, next)]),
  ]
}

/** What opening a row shows, in words; '' for nothing. */
function openedText(opened: OpenedRow | undefined): string {
  if (opened === undefined) return ''
  if ('noun' in opened) return `the ${opened.noun.replaceAll('_', ' ')}`
  const { title = '' } = findFace(opened.face) ?? {}
  return title.charAt(0).toLowerCase() + title.slice(1)
}

function titleOf({ face: { list }, input }: List): string {
  const of = list.of?.(input) ?? ''
  return of === '' ? list.title : `${list.title} · ${plain(of, 60)}`
}

interface FittedColumn extends Column {
  cells: number
}

/** The columns that a line of so many cells has room for. */
function columnsIn({ columns }: Listing, cells: number): FittedColumn[] {
  const shown = columns.filter(({ from = 0 }) => cells >= from)
  const cellsOf = ({ width = 0, wide = width }: Column): number => (cells >= WIDE ? wide : width)
  const fixed = shown.reduce(
    (sum, column) => sum + (cellsOf(column) === 0 ? 0 : cellsOf(column) + 1),
    0,
  )
  const rest = Math.max(LEAST_REST, cells - 2 - fixed - 1)
  return shown.map((column) => ({ ...column, cells: cellsOf(column) || rest }))
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
