import { headerLine } from './views/header.ts'
import { layout } from './views/layout.ts'
import { paneLines } from './views/panes.ts'
import { isPane } from './store/ui.ts'
import { placeOf } from './store/layer.ts'
import type { ConsoleState, ConsoleStore } from './store/store.ts'
import type { Rect } from './terminal-seam.ts'
import { width } from './text/width.ts'

const OPEN = '\u001b[?2026h\u001b7'
const SHUT = '\u001b8\u001b[?2026l'

interface Region { id: string; rect: Rect; lines: readonly string[] }

/** Whether the panes are painted past Ink: as long as nothing lies over them. */
export function isPainted({ ui }: Pick<ConsoleState, 'ui'>): boolean {
  return ui.toasts.length === 0 && ui.layers.every((l) => placeOf(l) === 'foot')
}

/**
 * Paints the header and the panes over the empty boxes that Ink lays out for them: only lines that changed, at their
 * place. Ink's own way to the terminal costs milliseconds a frame whatever changed; this costs a tenth. As soon as
 * something lies over the panes, Ink draws them itself, so that it can compose both.
 */
export class DeckPainter {
  private shown = new Map<string, Region>()
  private stale = true
  private before: ConsoleState
  private readonly store: ConsoleStore
  private readonly write: (bytes: string) => void
  private readonly clear: () => void
  private held = false

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
    if (!now && isPainted(before)) { this.shown.clear(); this.clear() }
    if (now && (!isPainted(before) || moved(before, state))) this.stale = true
    if (now) this.paint()
  }

  /** Ink wrote a frame; what it may have wiped is painted again. */
  framed(): void {
    if (!isPainted(this.store.getState())) return
    if (this.stale) this.shown.clear()
    this.stale = false
    this.paint()
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

  private paint(): void {
    if (this.held) return
    let out = ''
    for (const region of regionsOf(this.store.getState())) {
      const old = this.shown.get(region.id)
      const same = old !== undefined && old.rect.x === region.rect.x && old.rect.y === region.rect.y && old.rect.width === region.rect.width
      region.lines.forEach((line, i) => { out += update(same ? old.lines[i] ?? '' : '', line, region.rect.x + 1, region.rect.y + i + 1) })
      this.shown.set(region.id, region)
    }
    if (out !== '') this.write(OPEN + out + SHUT)
  }
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
    if (open === 0) { at = from; column += cells; cells = 0 }
  }
  return `\u001b[${row};${column}H${line.slice(at)}`
}

function regionsOf(state: ConsoleState): Region[] {
  const { ui } = state
  const places = layout(ui.columns, ui.rows, ui.focus, ui.zoomed, ui.tiles.map((t) => t.id)).panes
  const panes = places.flatMap((p): Region[] => isPane(p.id) ? [{ id: p.id, rect: p.rect, lines: paneLines({ width: p.rect.width, height: p.rect.height, painter: ui.painter }, p.id, state, p.boxed) }] : [])
  return [{ id: 'header', rect: { x: 0, y: 0, width: ui.columns, height: 1 }, lines: [headerLine(state)] }, ...panes]
}

function moved({ ui: a }: ConsoleState, { ui: b }: ConsoleState): boolean {
  return a.columns !== b.columns || a.rows !== b.rows || a.zoomed !== b.zoomed || a.tiles !== b.tiles || (a.focus !== b.focus && b.tiles.length > 0)
}
