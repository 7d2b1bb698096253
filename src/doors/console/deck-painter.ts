import { coversOf, openCells } from './overlays/covers.ts'
import { headerLine } from './views/header.ts'
import { layout } from './views/layout.ts'
import { paneLines } from './views/panes.ts'
import { isPane } from './store/ui.ts'
import { placeOf } from './store/layer.ts'
import type { ConsoleState, ConsoleStore } from './store/store.ts'
import type { Rect } from './terminal-seam.ts'
import { slice } from './text/slice.ts'
import { width } from './text/width.ts'

const OPEN = '\u001b[?2026h\u001b7'
const SHUT = '\u001b8\u001b[?2026l'

interface Region {
  id: string
  rect: Rect
  lines: string[]
}

/** Whether the panes are painted past Ink: as long as no view hides them. */
export function isPainted({ ui }: Pick<ConsoleState, 'ui'>): boolean {
  return ui.layers.every((l) => placeOf(l) !== 'body')
}

/**
 * Paints the header and the panes over the empty boxes that Ink lays out for them: only lines that changed, at their
 * place. Ink's own way to the terminal costs milliseconds a frame whatever changed; this costs a tenth. Where a box or a
 * message lies over the panes, what is painted goes around it.
 */
export class DeckPainter {
  private shown = new Map<string, Region>()
  private stale = true
  private before: ConsoleState
  private readonly store: ConsoleStore
  private readonly write: (bytes: string) => void
  private readonly clear: () => void
  private held = false
  /** What Ink had drawn over the panes when it last wrote a frame. */
  private drawn: readonly Rect[] = []

  constructor(store: ConsoleStore, write: (bytes: string) => void, clear: () => void) {
    this.store = store
    this.write = write
    this.clear = clear
    this.before = store.getState()
  }

  /** The store changed. */
  changed(): void {
    const state = this.store.getState()
    const { before } = this
    this.before = state
    const now = isPainted(state)
    if (!now && isPainted(before)) {
      this.shown.clear()
      this.clear()
    }
    if (now && (!isPainted(before) || moved(before, state))) this.stale = true
    // Where something lay until now, Ink wipes first.
    if (now) this.paint([...coversOf(state), ...this.drawn])
  }

  /** Ink wrote a frame; what it may have wiped is painted again. */
  framed(): void {
    const state = this.store.getState()
    if (!isPainted(state)) return
    if (this.stale) this.shown.clear()
    this.stale = false
    const covers = coversOf(state)
    // Ink writes whole rows: beside a box, too.
    for (const cover of [...covers, ...this.drawn]) this.forget(cover)
    this.drawn = covers
    this.paint(covers)
  }

  /** The screen holds nothing of what was painted any more. */
  wiped(): void {
    this.stale = true
    this.shown.clear()
  }

  /** While held, nothing is painted: the terminal is someone else's. */
  hold(on: boolean): void {
    this.held = on
    if (!on) this.wiped()
  }

  private forget({ y, height }: Rect): void {
    for (const { rect, lines } of this.shown.values())
      for (let row = Math.max(y, rect.y); row < Math.min(y + height, rect.y + lines.length); row++)
        lines[row - rect.y] = ''
  }

  private paint(covers: readonly Rect[]): void {
    if (this.held) return
    let out = ''
    for (const region of regionsOf(this.store.getState())) {
      const old = this.shown.get(region.id)
      const same =
        old !== undefined &&
        old.rect.x === region.rect.x &&
        old.rect.y === region.rect.y &&
        old.rect.width === region.rect.width
      const lines = region.lines.map((line, i) => {
        const [text, known] = painted(
          same ? (old.lines[i] ?? '') : '',
          line,
          { x: region.rect.x, y: region.rect.y + i, width: region.rect.width },
          covers,
        )
        out += text
        return known
      })
      this.shown.set(region.id, { ...region, lines })
    }
    if (out !== '') this.write(OPEN + out + SHUT)
  }
}

/** What begins the note of a line that is shown in parts. */
const IN_PARTS = '\u0000'

/** The bytes that bring one line up to date where nothing covers it, and the note of what is on the screen then. */
function painted(
  old: string,
  line: string,
  { x, y, width: cells }: Pick<Rect, 'x' | 'y' | 'width'>,
  covers: readonly Rect[],
): [bytes: string, known: string] {
  const whole = { from: x, to: x + cells }
  const open = openCells(y, whole, covers)
  if (open.length === 1 && open[0]?.from === whole.from && open[0].to === whole.to)
    return [update(old.startsWith(IN_PARTS) ? '' : old, line, x + 1, y + 1), line]
  const known = `${IN_PARTS}${open.map((r) => `${r.from}-${r.to}`).join(' ')} ${line}`
  if (known === old) return ['', known]
  return [
    open
      .map(
        (r) => `\u001b[${y + 1};${r.from + 1}H${slice(line, { from: r.from - x, to: r.to - x })}`,
      )
      .join(''),
    known,
  ]
}

const SGR = /\u001b\[([\d;]*)m/g
const CLOSES = new Set(['22', '23', '24', '27', '39', '49'])

/** What turns one line on the screen into another: only from the first piece on that differs. */
export function update(old: string, line: string, column: number, row: number): string {
  if (old === line) return ''
  let same = 0
  while (same < old.length && old[same] === line[same]) same++
  let open = 0
  let at = 0
  let cells = 0
  let from = 0
  for (const match of line.slice(0, same).matchAll(SGR)) {
    cells += width(line.slice(from, match.index))
    from = match.index + match[0].length
    open += CLOSES.has(match[1] as string) ? -1 : 1
    if (open === 0) {
      at = from
      column += cells
      cells = 0
    }
  }
  return `\u001b[${row};${column}H${line.slice(at)}`
}

function regionsOf(state: ConsoleState): Region[] {
  const { ui } = state
  const places = layout(
    ui.columns,
    ui.rows,
    ui.focus,
    ui.zoomed,
    ui.tiles.map((t) => t.id),
  ).panes
  const panes = places.flatMap((p): Region[] =>
    isPane(p.id)
      ? [
          {
            id: p.id,
            rect: p.rect,
            lines: paneLines(
              { width: p.rect.width, height: p.rect.height, painter: ui.painter },
              p.id,
              state,
              p.boxed,
            ),
          },
        ]
      : [],
  )
  return [
    {
      id: 'header',
      rect: { x: 0, y: 0, width: ui.columns, height: 1 },
      lines: [headerLine(state)],
    },
    ...panes,
  ]
}

function moved({ ui: a }: ConsoleState, { ui: b }: ConsoleState): boolean {
  return (
    a.columns !== b.columns ||
    a.rows !== b.rows ||
    a.zoomed !== b.zoomed ||
    a.tiles !== b.tiles ||
    (a.focus !== b.focus && b.tiles.length > 0)
  )
}
