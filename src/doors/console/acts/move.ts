import { BOARD_COLUMNS, isBoard, lanesOf, placeOnBoard, type Lane } from '../store/board.ts'
import { placeOf, type LayerOf, type UiLayer } from '../store/layer.ts'
import { rowIndex, shownRows } from '../store/listed.ts'
import { cursorIndex, paneRows } from '../store/rows.ts'
import type { ReadProgress } from '../store/reading.ts'
import type { ConsoleState, ConsoleStore } from '../store/state.ts'
import { setUi } from '../store/store.ts'
import { isPane, PANES } from '../store/ui.ts'
import { visibleRows } from '../store/visible.ts'
import { tableOf } from '../store/world.ts'
import { paneCard, type Card } from '../views/card.ts'
import { longestScroll } from '../views/layers.ts'
import { filteredLogs } from '../views/logs.ts'
import { cursorOf } from '../views/table-view.ts'
import type { ConsoleContext } from './context.ts'

type VerticalMove = 'up' | 'down' | 'page_up' | 'page_down' | 'top' | 'bottom'
type SideMove = 'left' | 'right'

/** Moves the cursor of the focused pane, or scrolls the view over it. */
export function move(store: ConsoleStore, by: VerticalMove): void {
  const state = store.getState()
  const { ui, world } = state
  const body = ui.layers.findLastIndex((l) => placeOf(l) === 'body')
  if (body >= 0) {
    scroll(store, body, by)
    return
  }
  if (!isPane(ui.focus)) return
  if (isBoard(state)) {
    moveOnBoard(store, by)
    return
  }
  const pane = ui.focus
  const rows = paneRows(world, pane, ui.filter[pane])
  if (rows.length === 0) return
  const at = Math.max(0, cursorIndex(rows, ui.cursor[pane]))
  const page = Math.max(3, Math.floor(ui.rows / 2) - 4)
  const next = moved({ at, total: rows.length, page }, by)
  // At the top of the audit pane the cursor follows new events.
  const cursor = pane === 'audit' && next === 0 && by !== 'down' ? null : (rows[next] as string)
  setUi(store, { cursor: { ...ui.cursor, [pane]: cursor } })
}

function moved(
  { at, total, page }: { at: number; total: number; page: number },
  by: VerticalMove,
): number {
  const steps: Record<VerticalMove, number> = {
    up: -1,
    down: 1,
    page_up: -page,
    page_down: page,
    top: -total,
    bottom: total,
  }
  return Math.max(0, Math.min(total - 1, at + steps[by]))
}

const CARDS_PER_PAGE = 4

interface BoardPlace {
  lanes: readonly Lane[]
  lane: number
  at: number
  /** Lanes are stacked instead of side by side. */
  stacked: boolean
}

/** Moves within a lane, past its ends, and between lanes. Empty lanes are skipped. */
function moveOnBoard(store: ConsoleStore, by: VerticalMove | SideMove): void {
  const state = store.getState()
  const lanes = lanesOf(state)
  const cursor = placeOnBoard(lanes, state.ui.cursor.policies)
  if (cursor === undefined) return
  const place = { lanes, ...cursor, stacked: state.ui.columns - 2 < BOARD_COLUMNS }
  const id = by === 'left' || by === 'right' ? beside(place, by) : along(place, by)
  if (id !== undefined) setUi(store, (ui) => ({ cursor: { ...ui.cursor, policies: id } }))
}

function beside({ lanes, lane, at, stacked }: BoardPlace, by: SideMove): string | undefined {
  const ids = nextLane(lanes, lane, by === 'left' ? -1 : 1)?.ids
  return stacked ? ids?.[0] : ids?.[Math.min(at, ids.length - 1)]
}

/** Up and down, and past the end of a lane into the one above or below. */
function along(place: BoardPlace, by: VerticalMove): string | undefined {
  const ids = place.lanes[place.lane]?.ids ?? []
  const next = moved({ at: place.at, total: ids.length, page: CARDS_PER_PAGE }, by)
  if (next !== place.at || (by !== 'up' && by !== 'down')) return ids[next]
  return by === 'down' ? below(place)?.ids[0] : above(place)?.ids.at(-1)
}

/** The last lane lies below all the others, which are side by side. */
function below({ lanes, lane, stacked }: BoardPlace): Lane | undefined {
  if (stacked) return nextLane(lanes, lane, 1)
  return lane < lanes.length - 1 ? lanes.at(-1) : undefined
}

function above({ lanes, lane, stacked }: BoardPlace): Lane | undefined {
  return stacked || lane === lanes.length - 1 ? nextLane(lanes, lane, -1) : undefined
}

function nextLane(lanes: readonly Lane[], from: number, by: 1 | -1): Lane | undefined {
  for (let i = from + by; i >= 0 && i < lanes.length; i += by)
    if ((lanes[i]?.ids.length ?? 0) > 0) return lanes[i]
  return undefined
}

/** To the lane beside; from the list of the policies pane to the board. */
export function moveAside(store: ConsoleStore, by: SideMove): void {
  const { ui } = store.getState()
  if (ui.layers.length > 0 || ui.focus !== 'policies') return
  if (isBoard(store.getState())) moveOnBoard(store, by)
  else setUi(store, { zoomed: true })
}

function scroll(store: ConsoleStore, index: number, by: VerticalMove): void {
  const state = store.getState()
  const layer = scrolled(state, state.ui.layers[index] as UiLayer, by)
  // Messages cover the foot of the view, which is about to be read.
  setUi(store, (ui) => ({ layers: ui.layers.map((l, i) => (i === index ? layer : l)), toasts: [] }))
}

function scrolled(state: ConsoleState, layer: UiLayer, by: VerticalMove): UiLayer {
  const page = Math.max(1, state.ui.rows - 6)
  if (layer.kind === 'table') {
    const rows = [...tableOf(state.world, layer.table.noun)]
    const next = moved({ at: cursorOf(layer, rows), total: rows.length, page }, by)
    return { ...layer, cursor: rows[next]?.[0] ?? null }
  }
  if (layer.kind === 'list') return movedInList(state, layer, by)
  if (layer.kind === 'logs') return scrolledLogs(state, layer, by)
  if (!('scroll' in layer)) return layer
  const end = longestScroll(state, layer)
  return { ...layer, scroll: moved({ at: Math.min(layer.scroll, end), total: end + 1, page }, by) }
}

/** At the top of a long list the cursor follows new rows. */
function movedInList({ ui }: ConsoleState, layer: LayerOf<'list'>, by: VerticalMove): UiLayer {
  const rows = shownRows(layer, ui.now)
  const page = Math.max(1, ui.rows - 6)
  const at = rowIndex(rows, layer.cursor)
  const next = moved({ at, total: rows.length, page }, by)
  const { paged } = layer.face.list
  const follows = paged && (by === 'top' || (next === 0 && by !== 'down' && layer.newer === null))
  return { ...layer, cursor: follows ? null : (rows[next]?.id ?? null) }
}

/** Scrolling up pauses; at the end the logs follow only if they did before, or on request. */
function scrolledLogs(
  { ui }: ConsoleState,
  layer: LayerOf<'logs'>,
  by: VerticalMove,
): LayerOf<'logs'> {
  const page = Math.max(1, ui.rows - 6)
  const end = Math.max(0, filteredLogs(layer).length - (ui.rows - 4))
  const at = layer.follow ? end : Math.min(layer.scroll, end)
  const next = moved({ at, total: end + 1, page }, by)
  return { ...layer, scroll: next, follow: by === 'bottom' || (layer.follow && next >= end) }
}

/**
 * Scrolls the card of the approval under the cursor by what it shows, or a view over it. Nothing
 * that was not on the screen yet is passed over.
 */
export function scrollCard(store: ConsoleStore, by: 1 | -1): void {
  const state = store.getState()
  const body = state.ui.layers.findLastIndex((l) => placeOf(l) === 'body')
  if (body >= 0) {
    scroll(store, body, by === 1 ? 'page_down' : 'page_up')
    return
  }
  const card = paneCard(state)?.card
  if (card === undefined) return
  const { approval, from, to, total } = card
  const reading = state.ui.readings[approval.id]
  const unread = firstUnread(reading, card)
  const next = Math.min(from + by * (to - from), total - (to - from), unread)
  setUi(store, { card: { id: approval.id, scroll: Math.max(0, next) }, toasts: [] })
}

function firstUnread(reading: ReadProgress | undefined, { cells, total }: Card): number {
  if (reading?.whole === true) return total
  return reading?.cells === cells ? reading.upTo : 0
}

/** Moves the focus to the next or previous pane; open terminals count. */
export function focusNext(store: ConsoleStore, by: 1 | -1): void {
  const { ui } = store.getState()
  const all = [...PANES, ...ui.tiles.map((t) => t.id)]
  const at = all.indexOf(ui.focus)
  focusOn(store, all[(at + by + all.length) % all.length] as string)
}

/** The pane (1 to 4) or terminal (5 to 9) with a number; a terminal takes the keys at once. */
export function focusNumber({ store, terminals }: ConsoleContext, number: number): void {
  const { ui } = store.getState()
  const id = number <= PANES.length ? PANES[number - 1] : ui.tiles[number - PANES.length - 1]?.id
  if (id === undefined) return
  focusOn(store, id)
  if (!isPane(id)) terminals.enter(id)
}

export function focusOn(store: ConsoleStore, id: string): void {
  setUi(store, (ui) => ({ focus: id, layers: ui.layers.filter((l) => placeOf(l) !== 'body') }))
}

/** Marks or unmarks the row under the cursor and moves down. */
export function mark(store: ConsoleStore): void {
  const { ui } = store.getState()
  if (!isPane(ui.focus) || ui.focus === 'audit') return
  const id = ui.cursor[ui.focus]
  if (id === null || !visibleRows(store.getState(), ui.focus).includes(id)) return
  const marks = ui.marks[ui.focus]
  const changed = marks.includes(id) ? marks.filter((m) => m !== id) : [...marks, id]
  setUi(store, { marks: { ...ui.marks, [ui.focus]: changed } })
  move(store, 'down')
}
