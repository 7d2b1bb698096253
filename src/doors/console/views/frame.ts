import type { Painter, Piece, Role } from '../theme/theme.ts'
import { cut, width, wrap } from '../text/width.ts'

/** What every view is drawn with: a size in cells and the theme. Views answer lines of exactly that size. */
export interface Canvas {
  width: number
  height: number
  painter: Painter
}

export interface FrameLook {
  title: string
  number?: string
  right?: string
  rightRole?: Role
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

/** `body` in a frame: a rounded box, or where room is short one rule with the title on it. */
export function frame(canvas: Canvas, look: FrameLook, body: readonly string[]): string[] {
  const { painter, width: cells, height } = canvas
  const room = inside(canvas, look.boxed)
  const rule: Role = look.danger === true ? 'bad' : look.focused ? 'rule-focus' : 'rule'
  const side = look.boxed ? painter.paint(rule, look.focused ? '┃' : '│') : ''
  const blank = ' '.repeat(room.width)
  const rows = Array.from({ length: room.height }, (_, i) => side + (body[i] ?? blank) + side)
  const lines = [top(painter, cells, look, rule), ...rows]
  if (look.boxed)
    lines.push(
      painter.paint(
        rule,
        look.focused
          ? `┗${'━'.repeat(Math.max(0, cells - 2))}┛`
          : `╰${'─'.repeat(Math.max(0, cells - 2))}╯`,
      ),
    )
  return lines.slice(0, height)
}

function top(painter: Painter, cells: number, look: FrameLook, rule: Role): string {
  const dash = look.focused ? '━' : '─'
  const [open, close] = look.boxed ? (look.focused ? ['┏', '┓'] : ['╭', '╮']) : [dash, dash]
  const number = look.number === undefined ? '' : `${look.number} `
  const filter = look.filter === undefined || look.filter === '' ? '' : ` /${look.filter}`
  const title = cut(`${look.title}${filter}`, Math.max(1, cells - 8 - number.length))
  const used = 2 + 1 + number.length + width(title) + 1
  const room = cells - used - 3
  const right =
    look.right === undefined || look.right === '' || room < 4 ? '' : ` ${cut(look.right, room)} `
  const fill = Math.max(0, cells - used - width(right) - 1)
  return (
    painter.paint(rule, `${open}`) +
    painter.paint('faint', ` ${number}`) +
    painter.paint(titleRole(look), `${title} `) +
    painter.paint(rule, dash.repeat(fill)) +
    painter.paint(look.rightRole ?? 'dim', right) +
    painter.paint(rule, `${dash}${close}`)
  )
}

function titleRole(look: FrameLook): Role {
  if (look.danger === true) return 'bad'
  return look.focused ? 'title-focus' : 'title'
}

const tops = new WeakMap<object, number>()

/**
 * The first row to show, so that row `at` of `total` is on a window of `height` rows. It moves only as far as it must
 * from where it stood for this `view`, so that most of what is on the screen stays where it is.
 */
export function windowFrom(view: object, at: number, total: number, height: number): number {
  if (total <= height || height <= 0) {
    tops.delete(view)
    return 0
  }
  const before = tops.get(view) ?? 0
  const edge = Math.min(2, Math.floor((height - 1) / 2))
  const wanted = at < 0 ? 0 : Math.min(Math.max(before, at - height + 1 + edge), at - edge)
  const from = Math.max(0, Math.min(total - height, wanted))
  tops.set(view, from)
  return from
}

const remembered = new WeakMap<object, { key: string; line: string }>()

/** A row's line, made anew only when the row itself or what `key` names has changed. */
export function memo(row: object, key: string, make: () => string): string {
  const known = remembered.get(row)
  if (known?.key === key) return known.line
  const line = make()
  remembered.set(row, { key, line })
  return line
}

/** Lines in the middle of a canvas, long ones wrapped, for panes that have nothing to show yet. */
export function centred(canvas: Canvas, lines: readonly (readonly [Role, string])[]): string[] {
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

/** As many hints, key and words, as go into `cells` cells. */
export function hintPieces(hints: readonly (readonly [string, string])[], cells: number): Piece[] {
  const out: Piece[] = []
  let used = 0
  for (const [key, words] of hints) {
    const wide = width(key) + width(words) + 3
    if (used + wide > cells + 2) break
    out.push(['key', key], ['hint', ` ${words}  `])
    used += wide
  }
  return out
}
