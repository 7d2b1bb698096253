import type { RuleRow, Status } from '../../../domain/rules/types.ts'
import { ruleText, STATES } from '../../text/rules.ts'
import { BOARD_COLUMNS, lanesOf, placeOnBoard, type Lane, type LaneName } from '../store/board.ts'
import { policyPaneRow } from '../store/rows.ts'
import type { ConsoleState } from '../store/state.ts'
import { cut, fit, width, wrap } from '../text/width.ts'
import type { Painter, StyledText } from '../theme/theme.ts'
import { cachedLine, cellsIn, clippedPieces, windowFrom, type Canvas } from './frame.ts'
import { divider } from './rows/approval-row.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './rows/row-marks.ts'
import { ruleTail, shortScope, STATUS_ROLES } from './rows/rule-row.ts'

/** Draws a row as the policies pane does. */
type DrawRow = (room: Canvas, key: string, marks: RowMarks) => string | undefined

/**
 * Learned rules by status, then the leases and policies of the operator: in columns, or in sections
 * where there is less room.
 */
export function boardLines(room: Canvas, state: ConsoleState, draw: DrawRow): string[] {
  return room.width >= BOARD_COLUMNS ? columnsOf(room, state, draw) : sectionsOf(room, state, draw)
}

const CARD_ROWS = 4
const MIN_COLUMN = 14
/** An empty column is at least this wide where there is room: its heading says what it means. */
const MEANING_COLUMN = Math.max(...Object.values(STATES).map(({ means }) => means.length)) + 1

/** One object per lane for as long as the console runs: its scroll position is kept by it. */
const scrollKeys: Record<LaneName, object> = {
  hint: {},
  candidate: {},
  confirmed: {},
  suspended: {},
  archived: {},
  yours: {},
}

function marksOf({ ui }: ConsoleState, key: string): RowMarks {
  return {
    cursor: key === ui.cursor.policies,
    focused: true,
    marked: ui.marks.policies.includes(key),
  }
}

function columnsOf(room: Canvas, state: ConsoleState, draw: DrawRow): string[] {
  const lanes = lanesOf(state)
  const yours = lanes.at(-1) as Lane
  const strip = stripHeight(yours, room)
  const height = room.height - strip
  const columns = lanes.slice(0, -1)
  const widths = columnWidths(
    columns.map(({ ids }) => ids.length),
    room.width - (columns.length - 1),
  )
  const drawn = columns.map((lane, i) =>
    columnLines({ ...room, width: widths[i] as number, height }, state, lane),
  )
  const gap = room.painter.paint('rule', '│')
  const lines = Array.from({ length: height }, (_, y) =>
    drawn.map((column) => column[y] as string).join(gap),
  )
  if (strip > 0) lines.push(...stripLines({ ...room, height: strip }, state, yours, draw))
  return lines
}

/** Rows for leases and policies beneath the columns, with their heading. */
function stripHeight({ ids }: Lane, room: Canvas): number {
  if (ids.length === 0) return 0
  return Math.min(ids.length, Math.max(2, Math.floor(room.height * 0.22))) + 1
}

/** Empty columns are narrow, so that the cards of the others have room. */
function columnWidths(counts: readonly number[], cells: number): number[] {
  const full = counts.filter((n) => n > 0).length
  const least =
    full === 0
      ? Math.floor(cells / counts.length)
      : Math.max(MIN_COLUMN, Math.min(MEANING_COLUMN, Math.floor(cells * 0.1)))
  const rest = cells - least * (counts.length - full)
  const each = full === 0 ? least : Math.floor(rest / full)
  const widths = counts.map((n) => (n > 0 ? each : least))
  let spare = cells - widths.reduce((sum, n) => sum + n, 0)
  return widths.map((n) => n + (spare-- > 0 ? 1 : 0))
}

function columnLines(room: Canvas, state: ConsoleState, lane: Lane): string[] {
  const { painter, width: cells } = room
  const at = lane.ids.indexOf(state.ui.cursor.policies ?? '')
  const head = columnHead(room, lane, at >= 0)
  const height = room.height - head.length
  const many = Math.max(1, Math.floor((height + 1) / CARD_ROWS))
  const from = windowFrom(scrollKeys[lane.name], at, lane.ids.length, many)
  const cards = lane.ids
    .slice(from, from + many)
    .flatMap((key) => cardLines({ ...room, height }, state, key))
  const lines = [...head, ...cards]
  while (lines.length < room.height) lines.push(' '.repeat(cells))
  const below = lane.total - from - many
  if (below > 0) lines[room.height - 1] = painter.row(cells, [['dim', ` ↓ ${below} more`]])
  return lines.slice(0, room.height)
}

function columnHead({ painter, width: cells }: Canvas, lane: Lane, hasCursor: boolean): string[] {
  const name = lane.name as Status
  const { glyph, word, means } = STATES[name]
  const isLoading = lane.total > 0 && lane.ids.length === 0
  return [
    painter.row(cells, [
      [hasCursor ? 'title-focus' : 'faint', hasCursor ? '▸' : ' '],
      [STATUS_ROLES[name], `${glyph} `],
      [hasCursor ? 'title-focus' : 'title', word],
      ['number', ` ${lane.total}`],
    ]),
    painter.row(cells, [['faint', ` ${isLoading ? 'loading…' : means}`]]),
    headRule(painter, hasCursor, cells),
  ]
}

function headRule(painter: Painter, heavy: boolean, cells: number): string {
  return painter.paint(
    heavy ? 'rule-focus' : 'rule',
    (heavy ? '━' : '─').repeat(Math.max(0, cells)),
  )
}

/** A rule as a card: what it is about, its scope, what matters in its status, a blank line. */
function cardLines(room: Canvas, state: ConsoleState, key: string): string[] {
  const found = policyPaneRow(state.world, key)
  if (found === undefined) return []
  const rule = found.row as RuleRow
  const marks = marksOf(state, key)
  const tail = ruleTail(rule, state.ui.now, Math.max(3, Math.min(9, room.width - 8)))
  const tailText = tail.map(([, text]) => text).join('')
  return cachedLine(rule, `card${lookKey(room, marks)}${tailText}`, () =>
    drawCard(room, rule, tail, marks).join('\n'),
  ).split('\n')
}

function drawCard(
  { painter, width: cells }: Canvas,
  rule: RuleRow,
  tail: readonly StyledText[],
  marks: RowMarks,
): string[] {
  const room = cells - 3
  const [first = '', ...more] = wrap(ruleText(rule), Math.max(4, room), 6)
  const scope = shortScope(rule)
  const isLong = more.length > 0
  const second: StyledText = isLong ? ['text', fit(more.join(' '), room)] : ['dim', scope]
  const third = clippedPieces(tail, room)
  const left = room - cellsIn(third) - 2
  if (isLong && left >= Math.min(6, width(scope))) third.push(['dim', `  ${cut(scope, left)}`])
  const line = (head: readonly StyledText[], pieces: readonly StyledText[]): string =>
    painter.row(cells, [...head, ...pieces], rowBackground(marks))
  const side: StyledText[] = [['title-focus', marks.cursor ? '┃ ' : '  ']]
  return [
    line(markPieces(marks), [[rule.status === 'archived' ? 'dim' : 'strong', first]]),
    line(side, [second]),
    line(side, third),
    ' '.repeat(cells),
  ]
}

const LEASES_AND_POLICIES = 'Leases and policies'

/** The rows of a lane that are in its window. */
function laneRows(
  room: Canvas,
  state: ConsoleState,
  { ids, from }: { ids: readonly string[]; from: number },
  draw: DrawRow,
): string[] {
  return ids
    .slice(from, from + room.height)
    .map((key) => draw(room, key, marksOf(state, key)) ?? ' '.repeat(room.width))
}

function stripLines(room: Canvas, state: ConsoleState, lane: Lane, draw: DrawRow): string[] {
  const { ids } = lane
  const height = room.height - 1
  const at = ids.indexOf(state.ui.cursor.policies ?? '')
  const from = windowFrom(scrollKeys.yours, at, ids.length, height)
  const rows = laneRows({ ...room, height }, state, { ids, from }, draw)
  const more = moreText(ids.length, from, rows.length)
  const parts = [LEASES_AND_POLICIES, String(ids.length), more].filter((part) => part !== '')
  return [divider(room.painter, room.width, parts.join(' · ')), ...rows]
}

/** Stacked lanes: each its heading, then as many of its rows as there is room for. */
function sectionsOf(room: Canvas, state: ConsoleState, draw: DrawRow): string[] {
  const lanes = lanesOf(state)
  const cursor = placeOnBoard(lanes, state.ui.cursor.policies)
  const heights = sharedRows(
    lanes.map(({ ids }) => ids.length),
    room.height - lanes.length,
    cursor?.lane ?? 0,
  )
  const lines = lanes.flatMap(({ name, ids, total }, i) => {
    const height = heights[i] as number
    const hasCursor = i === cursor?.lane
    const at = hasCursor ? cursor.at : -1
    const from = windowFrom(scrollKeys[name], at, ids.length, height)
    const rows = laneRows({ ...room, height }, state, { ids, from }, draw)
    const more = moreText(total, from, rows.length)
    return [sectionHead(room, { name, total, more }, hasCursor), ...rows]
  })
  while (lines.length < room.height) lines.push(' '.repeat(room.width))
  return lines.slice(0, room.height)
}

function moreText(total: number, above: number, shown: number): string {
  const below = total - above - shown
  return [...(above > 0 ? [`↑ ${above}`] : []), ...(below > 0 ? [`↓ ${below} more`] : [])].join(' ')
}

function sectionHead(
  canvas: Canvas,
  { name, total, more }: { name: LaneName; total: number; more: string },
  hasCursor: boolean,
): string {
  const cells = canvas.width
  const look =
    name === 'yours' ? { glyph: '⧗', word: LEASES_AND_POLICIES, means: '' } : STATES[name]
  const pieces: StyledText[] = [
    [hasCursor ? 'title-focus' : 'faint', hasCursor ? '▸' : ' '],
    [name === 'yours' ? 'number' : STATUS_ROLES[name], `${look.glyph} `],
    [hasCursor ? 'title-focus' : 'title', look.word],
    ['number', ` ${total} `],
    ['faint', look.means === '' ? '' : `${look.means} `],
    ['dim', more === '' ? '' : `${more} `],
  ]
  return (
    canvas.painter.row(Math.min(cells, cellsIn(pieces)), pieces) +
    headRule(canvas.painter, hasCursor, cells - cellsIn(pieces))
  )
}

/** Shares rows among lanes, one at a time while any needs one; the cursor's lane gets two. */
function sharedRows(needed: readonly number[], rows: number, cursor: number): number[] {
  const given = needed.map(() => 0)
  let left = rows
  let before = -1
  while (left > 0 && left !== before) {
    before = left
    for (const [i, need] of needed.entries()) {
      const more = Math.min(i === cursor ? 2 : 1, left, need - (given[i] as number))
      if (more <= 0) continue
      given[i] = (given[i] as number) + more
      left -= more
    }
  }
  return given
}
