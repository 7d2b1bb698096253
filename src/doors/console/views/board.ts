import type { RuleRow, Status } from '../../../domain/rules/types.ts'
import { STATES, ruleText } from '../../text/rules.ts'
import { BOARD_COLUMNS, lanesOf, placeOnBoard, type Lane, type LaneName } from '../store/board.ts'
import { ruled } from '../store/select.ts'
import type { ConsoleState } from '../store/store.ts'
import type { Piece } from '../theme/theme.ts'
import { cut, fit, width, wrap } from '../text/width.ts'
import { markPieces, under, type RowMarks } from './agents.ts'
import { divider } from './approvals.ts'
import { memo, windowFrom, type Canvas } from './frame.ts'
import { STATE_ROLES, clipped, ruleTail, whereShort, widthOf } from './rules.ts'

/** Draws one row of the pane: a lease or a policy, and a rule where lanes lie below each other. */
type Row = (room: Canvas, place: string, marks: RowMarks) => string | undefined

/** Learned rules by their state, and beneath them what the operator lent and wrote: as columns, or where room is short as sections. */
export function boardLines(room: Canvas, state: ConsoleState, row: Row): string[] {
  const lanes = lanesOf(state)
  return room.width >= BOARD_COLUMNS
    ? columnsOf(room, state, lanes, row)
    : sectionsOf(room, state, lanes, row)
}

const CARD = 4
const LEAST_COLUMN = 14
/** Where there is room, an empty column still says what its state means. */
const SAYS_WHAT = Math.max(...Object.values(STATES).map(({ means }) => means.length)) + 1

/** One object per lane for as long as the console runs: where it has scrolled to is kept with it. */
const scrolls: Record<LaneName, object> = {
  hint: {},
  candidate: {},
  confirmed: {},
  suspended: {},
  archived: {},
  yours: {},
}

const marksOf = (state: ConsoleState, place: string, cursor: boolean): RowMarks => ({
  cursor,
  focused: true,
  marked: state.ui.marks.policies.includes(place),
})

function columnsOf(room: Canvas, state: ConsoleState, lanes: readonly Lane[], row: Row): string[] {
  const yours = lanes.at(-1) as Lane
  const strip =
    yours.ids.length === 0
      ? 0
      : Math.min(yours.ids.length, Math.max(2, Math.floor(room.height * 0.22))) + 1
  const height = room.height - strip
  const columns = lanes.slice(0, -1)
  const widths = shares(
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
  return strip === 0
    ? lines
    : [...lines, ...stripLines({ ...room, height: strip }, state, yours, row)]
}

/** How wide each column is: empty ones stand back, so that the cards of the others have room for their words. */
function shares(counts: readonly number[], cells: number): number[] {
  const full = counts.filter((n) => n > 0).length
  const least =
    full === 0
      ? Math.floor(cells / counts.length)
      : Math.max(LEAST_COLUMN, Math.min(SAYS_WHAT, Math.floor(cells * 0.1)))
  const rest = cells - least * (counts.length - full)
  const each = full === 0 ? least : Math.floor(rest / full)
  let spare = cells - counts.reduce((sum, n) => sum + (n > 0 ? each : least), 0)
  return counts.map((n) => (n > 0 ? each : least) + (spare-- > 0 ? 1 : 0))
}

function columnLines(room: Canvas, state: ConsoleState, lane: Lane): string[] {
  const { painter, width: cells } = room
  const at = lane.ids.indexOf(state.ui.cursor.policies ?? '')
  const head = columnHead(room, lane, at >= 0)
  const height = room.height - head.length
  const many = Math.max(1, Math.floor((height + 1) / CARD))
  const from = windowFrom(scrolls[lane.name], at, lane.ids.length, many)
  const cards = lane.ids
    .slice(from, from + many)
    .flatMap((place) => cardLines({ ...room, height }, state, place))
  const lines = [...head, ...cards]
  while (lines.length < room.height) lines.push(' '.repeat(cells))
  const below = lane.total - from - many
  if (below > 0) lines[room.height - 1] = painter.row(cells, [['dim', ` ↓ ${below} more`]])
  return lines.slice(0, room.height)
}

function columnHead({ painter, width: cells }: Canvas, lane: Lane, here: boolean): string[] {
  const name = lane.name as Status
  const { glyph, word, means } = STATES[name]
  const unread = lane.total > 0 && lane.ids.length === 0
  return [
    painter.row(cells, [
      [here ? 'title-focus' : 'faint', here ? '▸' : ' '],
      [STATE_ROLES[name], `${glyph} `],
      [here ? 'title-focus' : 'title', word],
      ['number', ` ${lane.total}`],
    ]),
    painter.row(cells, [['faint', ` ${unread ? 'reading…' : means}`]]),
    painter.paint(here ? 'rule-focus' : 'rule', (here ? '━' : '─').repeat(cells)),
  ]
}

/** A rule on a card: what it is about, for whom, and what matters in its state; then a free line. */
function cardLines(room: Canvas, state: ConsoleState, place: string): string[] {
  const found = ruled(state.world, place)
  if (found === undefined) return []
  const rule = found.row as RuleRow
  const { now } = state.ui
  const marks = marksOf(state, place, place === state.ui.cursor.policies)
  const tail = ruleTail(rule, now, Math.max(3, Math.min(9, room.width - 8)))
  const key = `card${room.width}${room.painter.name}${room.painter.depth}${tail.map(([, text]) => text).join('')}${marks.cursor}${marks.marked}`
  return memo(rule, key, () => drawCard(room, rule, tail, marks).join('\n')).split('\n')
}

function drawCard(
  { painter, width: cells }: Canvas,
  rule: RuleRow,
  tail: readonly Piece[],
  marks: RowMarks,
): string[] {
  const ground = under(marks)
  const [first = '', ...more] = wrap(ruleText(rule), Math.max(4, cells - 3), 6)
  const where = whereShort(rule)
  const second =
    more.length === 0
      ? [['dim', where] as Piece]
      : [['text', fit(cut(more.join(' '), cells - 3), cells - 3)] as Piece]
  const end = clipped(tail, cells - 3)
  const left = cells - 3 - widthOf(end) - 2
  const third: Piece[] =
    more.length > 0 && left >= Math.min(6, width(where))
      ? [...end, ['dim', `  ${cut(where, left)}`]]
      : [...end]
  const line = (head: readonly Piece[], pieces: readonly Piece[]): string =>
    painter.row(cells, [...head, ...pieces], ground)
  const side: Piece[] = [['title-focus', marks.cursor ? '┃ ' : '  ']]
  return [
    line(markPieces(marks), [[rule.status === 'archived' ? 'dim' : 'strong', first]]),
    line(side, second),
    line(side, third),
    ' '.repeat(cells),
  ]
}

const LEASES_AND_POLICIES = 'Lent and written by you'

function stripLines(room: Canvas, state: ConsoleState, lane: Lane, row: Row): string[] {
  const from = windowFrom(
    scrolls.yours,
    lane.ids.indexOf(state.ui.cursor.policies ?? ''),
    lane.ids.length,
    room.height - 1,
  )
  const rows = lane.ids
    .slice(from, from + room.height - 1)
    .map(
      (place) =>
        row(room, place, marksOf(state, place, place === state.ui.cursor.policies)) ??
        ' '.repeat(room.width),
    )
  const more = moreText(lane.ids.length, from, rows.length)
  return [
    divider(
      room.painter,
      room.width,
      `${LEASES_AND_POLICIES} · ${lane.ids.length}${more === '' ? '' : ` · ${more}`}`,
    ),
    ...rows,
  ]
}

/** Lanes below each other: each its heading, then as many of its rows as there is room for. */
function sectionsOf(room: Canvas, state: ConsoleState, lanes: readonly Lane[], row: Row): string[] {
  const cursor = placeOnBoard(lanes, state.ui.cursor.policies)
  const heights = dealt(
    lanes.map(({ ids }) => ids.length),
    room.height - lanes.length,
    cursor?.lane ?? 0,
  )
  const lines = lanes.flatMap((lane, i) => {
    const height = heights[i] as number
    const from = windowFrom(
      scrolls[lane.name],
      i === cursor?.lane ? cursor.at : -1,
      lane.ids.length,
      height,
    )
    const rows = lane.ids
      .slice(from, from + height)
      .map(
        (place) =>
          row(room, place, marksOf(state, place, place === state.ui.cursor.policies)) ??
          ' '.repeat(room.width),
      )
    return [
      sectionHead(room, lane, i === cursor?.lane, moreText(lane.total, from, rows.length)),
      ...rows,
    ]
  })
  while (lines.length < room.height) lines.push(' '.repeat(room.width))
  return lines.slice(0, room.height)
}

function moreText(total: number, above: number, shown: number): string {
  const below = total - above - shown
  return [...(above > 0 ? [`↑ ${above}`] : []), ...(below > 0 ? [`↓ ${below} more`] : [])].join(' ')
}

function sectionHead(
  { painter, width: cells }: Canvas,
  lane: Lane,
  here: boolean,
  more: string,
): string {
  const look =
    lane.name === 'yours' ? { glyph: '⧗', word: LEASES_AND_POLICIES, means: '' } : STATES[lane.name]
  const pieces: Piece[] = [
    [here ? 'title-focus' : 'faint', here ? '▸' : ' '],
    [lane.name === 'yours' ? 'number' : STATE_ROLES[lane.name], `${look.glyph} `],
    [here ? 'title-focus' : 'title', look.word],
    ['number', ` ${lane.total} `],
    ['faint', look.means === '' ? '' : `${look.means} `],
    ['dim', more === '' ? '' : `${more} `],
  ]
  const used = widthOf(pieces)
  return painter.row(cells, [
    ...pieces,
    [here ? 'rule-focus' : 'rule', (here ? '━' : '─').repeat(Math.max(0, cells - used))],
  ])
}

/** Rows dealt out to the lanes, one at a time as long as any wants one; where the cursor is gets twice as many. */
function dealt(wanted: readonly number[], rows: number, cursor: number): number[] {
  const given = wanted.map(() => 0)
  for (let left = rows, before = -1; left > 0 && left !== before;) {
    before = left
    for (const [i, want] of wanted.entries()) {
      for (
        let turn = i === cursor ? 2 : 1;
        turn > 0 && left > 0 && (given[i] as number) < want;
        turn--
      ) {
        given[i] = (given[i] as number) + 1
        left--
      }
    }
  }
  return given
}
