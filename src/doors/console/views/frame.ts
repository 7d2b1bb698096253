import { cut, width, wrap } from '../text/width.ts'
import type { Painter, StyledText, ThemeRole } from '../theme/theme.ts'

/**
 * What every view is drawn with: a size in cells and the theme. Views return lines of that size.
 */
export interface Canvas {
  width: number
  height: number
  painter: Painter
}

interface FrameLook {
  title: string
  number?: string
  right?: string
  rightRole?: ThemeRole
  focused: boolean
  filter?: string
  boxed: boolean
  danger?: boolean
}

/** The room inside a frame. */
export function inside(canvas: Canvas, boxed: boolean): Canvas {
  return {
    ...canvas,
    width: Math.max(1, canvas.width - (boxed ? 2 : 0)),
    height: Math.max(0, canvas.height - (boxed ? 2 : 1)),
  }
}

/** What a frame is drawn with: heavy lines if it has the focus. */
interface FrameChars {
  top: string
  topLeft: string
  topRight: string
  side: string
  bottomLeft: string
  bottomRight: string
}

const HEAVY: FrameChars = {
  top: '━',
  topLeft: '┏',
  topRight: '┓',
  side: '┃',
  bottomLeft: '┗',
  bottomRight: '┛',
}
const LIGHT: FrameChars = {
  top: '─',
  topLeft: '╭',
  topRight: '╮',
  side: '│',
  bottomLeft: '╰',
  bottomRight: '╯',
}

/** `body` in a box or, without `boxed`, below one horizontal line that holds the title. */
export function drawFrame(canvas: Canvas, look: FrameLook, body: readonly string[]): string[] {
  const { painter, width: cells, height } = canvas
  const { boxed } = look
  const room = inside(canvas, boxed)
  const rule = ruleRole(look)
  const chars = look.focused ? HEAVY : LIGHT
  const side = boxed ? painter.paint(rule, chars.side) : ''
  const blank = ' '.repeat(room.width)
  const lines = [topLine(canvas, look, chars)]
  for (let i = 0; i < room.height; i++) lines.push(side + (body[i] ?? blank) + side)
  if (boxed) {
    const line = chars.top.repeat(Math.max(0, cells - 2))
    lines.push(painter.paint(rule, `${chars.bottomLeft}${line}${chars.bottomRight}`))
  }
  return lines.slice(0, height)
}

function ruleRole({ danger, focused }: FrameLook): ThemeRole {
  if (danger === true) return 'bad'
  return focused ? 'rule-focus' : 'rule'
}

function titleRole({ danger, focused }: FrameLook): ThemeRole {
  if (danger === true) return 'bad'
  return focused ? 'title-focus' : 'title'
}

function topLine({ painter, width: cells }: Canvas, look: FrameLook, chars: FrameChars): string {
  const rule = ruleRole(look)
  const [open, close] = look.boxed ? [chars.topLeft, chars.topRight] : [chars.top, chars.top]
  const number = look.number === undefined ? '' : `${look.number} `
  const filter = look.filter === undefined || look.filter === '' ? '' : ` /${look.filter}`
  const title = cut(`${look.title}${filter}`, Math.max(1, cells - 8 - number.length))
  const used = 2 + 1 + number.length + width(title) + 1
  const room = cells - used - 3
  const right =
    look.right === undefined || look.right === '' || room < 4 ? '' : ` ${cut(look.right, room)} `
  const fill = Math.max(0, cells - used - width(right) - 1)
  return (
    painter.paint(rule, open) +
    painter.paint('faint', ` ${number}`) +
    painter.paint(titleRole(look), `${title} `) +
    painter.paint(rule, chars.top.repeat(fill)) +
    painter.paint(look.rightRole ?? 'dim', right) +
    painter.paint(rule, `${chars.top}${close}`)
  )
}

const firstRows = new WeakMap<object, number>()

/**
 * The first row to show, so that row `at` of `total` is in a window of `height` rows. For the same
 * `view` it moves only as far as it must, so that most rows stay where they are.
 */
export function windowFrom(view: object, at: number, total: number, height: number): number {
  if (total <= height || height <= 0) {
    firstRows.delete(view)
    return 0
  }
  const before = firstRows.get(view) ?? 0
  const edge = Math.min(2, Math.floor((height - 1) / 2))
  const wanted = at < 0 ? 0 : Math.min(Math.max(before, at - height + 1 + edge), at - edge)
  const from = Math.max(0, Math.min(total - height, wanted))
  firstRows.set(view, from)
  return from
}

const lineCache = new WeakMap<object, { key: string; line: string }>()

/** The line of a row, drawn again only if the row or `key` changed. */
export function cachedLine(row: object, key: string, draw: () => string): string {
  const known = lineCache.get(row)
  if (known?.key === key) return known.line
  const line = draw()
  lineCache.set(row, { key, line })
  return line
}

/** Lines in the middle of a canvas, wrapped, for panes with nothing to show. */
export function centred(canvas: Canvas, lines: readonly StyledText[]): string[] {
  const all = lines
    .flatMap(([role, text]) =>
      wrap(text, Math.max(1, canvas.width - 2), 4).map((line) => [role, line] as const),
    )
    .slice(0, Math.max(1, canvas.height))
  const above = Math.max(0, Math.floor((canvas.height - all.length) / 2))
  const rows = all.map(([role, text]) =>
    canvas.painter.row(canvas.width, [
      ['text', ' '.repeat(Math.max(0, Math.floor((canvas.width - width(text)) / 2)))],
      [role, text],
    ]),
  )
  return [...Array.from({ length: above }, () => ' '.repeat(canvas.width)), ...rows]
}

/** The cells that pieces take. */
export function cellsIn(pieces: readonly StyledText[]): number {
  return pieces.reduce((sum, [, text]) => sum + width(text), 0)
}

/** Pieces cut to at most `cells` cells. */
export function clippedPieces(pieces: readonly StyledText[], cells: number): StyledText[] {
  const out: StyledText[] = []
  let room = cells
  for (const [role, text] of pieces) {
    if (room <= 0) break
    out.push([role, cut(text, room)])
    room -= width(text)
  }
  return out
}

/** A key and what it does: `y allow`. */
export type Hint = readonly [key: string, title: string]

export function hintPieces([key, title]: Hint): StyledText[] {
  return [
    ['key', key],
    ['hint', ` ${title}  `],
  ]
}

/** As many hints as fit into `cells` cells. The space after the last one may stand over. */
export function fittingHints(hints: readonly Hint[], cells: number): StyledText[] {
  const out: StyledText[] = []
  let used = 0
  for (const hint of hints) {
    const pieces = hintPieces(hint)
    used += cellsIn(pieces)
    if (used > cells + 2) break
    out.push(...pieces)
  }
  return out
}
