import { coversOf, openCells } from './overlays/covers.ts'
import { placeOf } from './store/layer.ts'
import type { ConsoleState, ConsoleStore } from './store/state.ts'
import { isPane } from './store/ui.ts'
import type { Rect } from './terminal-seam.ts'
import { slice } from './text/slice.ts'
import { width } from './text/width.ts'
import { headerLine } from './views/header.ts'
import { layout } from './views/layout.ts'
import { paneLines } from './views/panes.ts'

const BEGIN = '\u001b[?2026h\u001b7'
const END = '\u001b8\u001b[?2026l'

interface Region {
  id: string
  rect: Rect
  lines: string[]
}

/** Whether the panes are painted past Ink, which is while no view hides them. */
export function isPainted({ ui }: Pick<ConsoleState, 'ui'>): boolean {
  return ui.layers.every((l) => placeOf(l) !== 'body')
}

/**
 * Paints the header and the panes over the empty boxes that Ink lays out: only the lines that
 * changed. Ink takes milliseconds a frame whatever changed; this takes a tenth of one. What covers
 * the panes is left out.
 */
export class DeckPainter {
  private shown = new Map<string, Region>()
  private stale = true
  private before: ConsoleState
  private readonly store: ConsoleStore
  private readonly write: (bytes: string) => void
  private readonly clear: () => void
  private held = false
  /** What Ink had drawn over the panes in its last frame. */
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
    if (now && (!isPainted(before) || hasMoved(before, state))) this.stale = true
    // What Ink drew is still there until Ink wipes it.
    if (now) this.paint([...coversOf(state), ...this.drawn])
  }

  /** Ink wrote a frame: what it may have wiped is painted again. */
  framed(): void {
    const state = this.store.getState()
    if (!isPainted(state)) return
    if (this.stale) this.shown.clear()
    this.stale = false
    const covers = coversOf(state)
    // Ink writes whole rows, so also beside a box.
    for (const cover of [...covers, ...this.drawn]) this.forget(cover)
    this.drawn = covers
    this.paint(covers)
  }

  /** The screen was cleared. */
  wiped(): void {
    this.stale = true
    this.shown.clear()
  }

  /** While held, nothing is painted: something else has the terminal. */
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
      const { id, rect } = region
      const old = this.shown.get(id)
      const oldLines = old !== undefined && isSamePlace(old.rect, rect) ? old.lines : []
      const lines = region.lines.map((line, i) => {
        const place = { x: rect.x, y: rect.y + i, width: rect.width }
        const { bytes, known } = lineBytes(oldLines[i] ?? '', line, place, covers)
        out += bytes
        return known
      })
      this.shown.set(id, { ...region, lines })
    }
    if (out !== '') this.write(BEGIN + out + END)
  }
}

function isSamePlace(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width
}

/** Begins the note of a line that is partly covered. */
const IN_PARTS = '\u0000'

/** The bytes that update one line where nothing covers it, and a note of what is shown then. */
function lineBytes(
  old: string,
  line: string,
  { x, y, width: cells }: Pick<Rect, 'x' | 'y' | 'width'>,
  covers: readonly Rect[],
): { bytes: string; known: string } {
  const whole = { from: x, to: x + cells }
  const open = openCells(y, whole, covers)
  if (open.length === 1 && open[0]?.from === whole.from && open[0].to === whole.to)
    return {
      bytes: updateLine(old.startsWith(IN_PARTS) ? '' : old, line, x + 1, y + 1),
      known: line,
    }
  const known = `${IN_PARTS}${open.map((r) => `${r.from}-${r.to}`).join(' ')} ${line}`
  if (known === old) return { bytes: '', known }
  const parts = open.map(
    (r) => `\u001b[${y + 1};${r.from + 1}H${slice(line, { from: r.from - x, to: r.to - x })}`,
  )
  return { bytes: parts.join(''), known }
}

const SGR = /\u001b\[([\d;]*)m/g
const CLOSING_SGR = new Set(['22', '23', '24', '27', '39', '49'])

/** The bytes that turn one line on the screen into another: from the first piece that differs. */
export function updateLine(old: string, line: string, column: number, row: number): string {
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
    open += CLOSING_SGR.has(match[1] as string) ? -1 : 1
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
  const regions: Region[] = [
    {
      id: 'header',
      rect: { x: 0, y: 0, width: ui.columns, height: 1 },
      lines: [headerLine(state)],
    },
  ]
  for (const place of layout(ui).panes)
    if (isPane(place.id))
      regions.push({ id: place.id, rect: place.rect, lines: paneLines(place, place.id, state) })
  return regions
}

/** Whether panes are in other places than before. */
function hasMoved({ ui: a }: ConsoleState, { ui: b }: ConsoleState): boolean {
  return (
    a.columns !== b.columns ||
    a.rows !== b.rows ||
    a.zoomed !== b.zoomed ||
    a.tiles !== b.tiles ||
    (a.focus !== b.focus && b.tiles.length > 0)
  )
}
