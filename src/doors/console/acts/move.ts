import type { Bridge } from './bridge.ts'
import type { Layer } from '../store/layer.ts'
import { placeOf } from '../store/layer.ts'
import { cursorIndex, rowsOf } from '../store/select.ts'
import { setUi, type ConsoleStore } from '../store/store.ts'
import { PANES, isPane } from '../store/ui.ts'
import { filteredLogs } from '../views/logs.ts'
import { longestScroll } from '../views/layers.ts'

export type Step = 'up' | 'down' | 'page_up' | 'page_down' | 'top' | 'bottom'

/** Moves the cursor of the focused pane, or scrolls the view over it. */
export function move(store: ConsoleStore, step: Step): void {
  const { ui, world } = store.getState()
  const body = ui.layers.findLastIndex((l) => placeOf(l) === 'body')
  if (body >= 0) { scroll(store, body, step); return }
  if (!isPane(ui.focus)) return
  const pane = ui.focus
  const rows = rowsOf(world, pane, ui.filter[pane])
  if (rows.length === 0) return
  const at = cursorIndex(rows, ui.cursor[pane])
  const next = target(Math.max(0, at), rows.length, step, Math.max(3, Math.floor(ui.rows / 2) - 4))
  const held = pane === 'audit' && next === 0 && step !== 'down' ? null : rows[next] as string
  setUi(store, { cursor: { ...ui.cursor, [pane]: held } })
}

function target(at: number, total: number, step: Step, page: number): number {
  const by = { up: -1, down: 1, page_up: -page, page_down: page, top: -total, bottom: total }[step]
  return Math.max(0, Math.min(total - 1, at + by))
}

function scroll(store: ConsoleStore, index: number, step: Step): void {
  const state = store.getState()
  const layer = state.ui.layers[index] as Layer
  const page = Math.max(1, state.ui.rows - 6)
  let changed: Layer = layer
  if (layer.kind === 'logs') {
    const longest = Math.max(0, filteredLogs(layer).length - (state.ui.rows - 4))
    const next = target(layer.follow ? longest : Math.min(layer.scroll, longest), longest + 1, step, page)
    changed = { ...layer, scroll: next, follow: step === 'bottom' || (layer.follow && next >= longest) }
  } else if ('scroll' in layer) {
    const longest = longestScroll(state, layer)
    changed = { ...layer, scroll: target(Math.min(layer.scroll, longest), longest + 1, step, page) }
  }
  setUi(store, (ui) => ({ layers: ui.layers.map((l, i) => i === index ? changed : l) }))
}

/** Moves the focus one pane on, over open terminals as well. */
export function focusNext(store: ConsoleStore, by: 1 | -1): void {
  const { ui } = store.getState()
  const all = [...PANES, ...ui.tiles.map((t) => t.id)]
  const at = all.indexOf(ui.focus)
  focusOn(store, all[(at + by + all.length) % all.length] as string)
}

/** The pane (1 to 4) or terminal (5 to 9) of a number; a terminal takes the keys at once. */
export function focusNumber({ store, terminals }: Bridge, number: number): void {
  const { ui } = store.getState()
  const id = number <= PANES.length ? PANES[number - 1] : ui.tiles[number - PANES.length - 1]?.id
  if (id === undefined) return
  focusOn(store, id)
  if (!isPane(id)) terminals.enter(id)
}

export function focusOn(store: ConsoleStore, id: string): void {
  setUi(store, (ui) => ({ focus: id, layers: ui.layers.filter((l) => placeOf(l) !== 'body') }))
}

/** Marks or unmarks the row under the cursor and goes one on. */
export function mark(store: ConsoleStore): void {
  const { ui } = store.getState()
  if (!isPane(ui.focus) || ui.focus === 'audit') return
  const id = ui.cursor[ui.focus]
  if (id === null) return
  const marks = ui.marks[ui.focus]
  setUi(store, { marks: { ...ui.marks, [ui.focus]: marks.includes(id) ? marks.filter((m) => m !== id) : [...marks, id] } })
  move(store, 'down')
}
