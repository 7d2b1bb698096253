import type { Bridge } from './bridge.ts'
import type { Layer } from '../store/layer.ts'
import { placeOf } from '../store/layer.ts'
import { BOARD_COLUMNS, isBoard, lanesOf, placeOnBoard, type Lane } from '../store/board.ts'
import { cursorIndex, rowsOf } from '../store/select.ts'
import { setUi, type ConsoleStore } from '../store/store.ts'
import { PANES, isPane } from '../store/ui.ts'
import { tableOf } from '../store/world.ts'
import { filteredLogs } from '../views/logs.ts'
import { cursorOf } from '../views/table-view.ts'
import { longestScroll } from '../views/layers.ts'

export type Step = 'up' | 'down' | 'page_up' | 'page_down' | 'top' | 'bottom' | 'left' | 'right'

/** Moves the cursor of the focused pane, or scrolls the view over it. */
export function move(store: ConsoleStore, step: Step): void {
  const { ui, world } = store.getState()
  const body = ui.layers.findLastIndex((l) => placeOf(l) === 'body')
  if (body >= 0) {
    scroll(store, body, step)
    return
  }
  if (!isPane(ui.focus)) return
  if (isBoard(store.getState())) {
    moveOnBoard(store, step)
    return
  }
  const pane = ui.focus
  const rows = rowsOf(world, pane, ui.filter[pane])
  if (rows.length === 0) return
  const at = cursorIndex(rows, ui.cursor[pane])
  const next = target(Math.max(0, at), rows.length, step, Math.max(3, Math.floor(ui.rows / 2) - 4))
  const held = pane === 'audit' && next === 0 && step !== 'down' ? null : (rows[next] as string)
  setUi(store, { cursor: { ...ui.cursor, [pane]: held } })
}

function target(at: number, total: number, step: Step, page: number): number {
  const by = {
    up: -1,
    down: 1,
    left: 0,
    right: 0,
    page_up: -page,
    page_down: page,
    top: -total,
    bottom: total,
  }[step]
  return Math.max(0, Math.min(total - 1, at + by))
}

const CARDS_A_PAGE = 4

/** Within a lane, over its ends, and from lane to lane. Empty lanes are passed over. */
function moveOnBoard(store: ConsoleStore, step: Step): void {
  const state = store.getState()
  const lanes = lanesOf(state)
  const place = placeOnBoard(lanes, state.ui.cursor.policies)
  if (place === undefined) return
  const stacked = state.ui.columns - 2 < BOARD_COLUMNS
  const id =
    step === 'left' || step === 'right'
      ? beside(lanes, place, step, stacked)
      : along(lanes, place, step, stacked)
  if (id !== undefined) setUi(store, (ui) => ({ cursor: { ...ui.cursor, policies: id } }))
}

interface Place {
  lane: number
  at: number
}

function beside(
  lanes: readonly Lane[],
  { lane, at }: Place,
  step: 'left' | 'right',
  stacked: boolean,
): string | undefined {
  const ids = nextLane(lanes, lane, step === 'left' ? -1 : 1)?.ids
  return stacked ? ids?.[0] : ids?.[Math.min(at, ids.length - 1)]
}

/** Up and down, and over the end of a lane into the one that lies there. */
function along(
  lanes: readonly Lane[],
  { lane, at }: Place,
  step: Exclude<Step, 'left' | 'right'>,
  stacked: boolean,
): string | undefined {
  const ids = lanes[lane]?.ids ?? []
  const next = target(at, ids.length, step, CARDS_A_PAGE)
  if (next !== at || (step !== 'up' && step !== 'down')) return ids[next]
  return step === 'down'
    ? below(lanes, lane, stacked)?.ids[0]
    : above(lanes, lane, stacked)?.ids.at(-1)
}

/** Columns stand beside each other, and beneath all of them lies the last lane. */
function below(lanes: readonly Lane[], lane: number, stacked: boolean): Lane | undefined {
  return stacked ? nextLane(lanes, lane, 1) : lane < lanes.length - 1 ? lanes.at(-1) : undefined
}

function above(lanes: readonly Lane[], lane: number, stacked: boolean): Lane | undefined {
  return stacked || lane === lanes.length - 1 ? nextLane(lanes, lane, -1) : undefined
}

function nextLane(lanes: readonly Lane[], from: number, by: 1 | -1): Lane | undefined {
  for (let i = from + by; i >= 0 && i < lanes.length; i += by)
    if ((lanes[i]?.ids.length ?? 0) > 0) return lanes[i]
  return undefined
}

/** To the lane beside; from the list of the pane, onto the board. */
export function moveAside(store: ConsoleStore, step: 'left' | 'right'): void {
  const { ui } = store.getState()
  if (ui.layers.length > 0 || ui.focus !== 'policies') return
  if (isBoard(store.getState())) moveOnBoard(store, step)
  else setUi(store, { zoomed: true })
}

function scroll(store: ConsoleStore, index: number, step: Step): void {
  const state = store.getState()
  const layer = state.ui.layers[index] as Layer
  const page = Math.max(1, state.ui.rows - 6)
  let changed: Layer = layer
  if (layer.kind === 'table') {
    const rows = [...tableOf(state.world, layer.table.noun)]
    const next = target(cursorOf(layer, rows), rows.length, step, page)
    changed = { ...layer, cursor: rows[next]?.[0] ?? null }
  } else if (layer.kind === 'logs') {
    const longest = Math.max(0, filteredLogs(layer).length - (state.ui.rows - 4))
    const next = target(
      layer.follow ? longest : Math.min(layer.scroll, longest),
      longest + 1,
      step,
      page,
    )
    changed = {
      ...layer,
      scroll: next,
      follow: step === 'bottom' || (layer.follow && next >= longest),
    }
  } else if ('scroll' in layer) {
    const longest = longestScroll(state, layer)
    changed = { ...layer, scroll: target(Math.min(layer.scroll, longest), longest + 1, step, page) }
  }
  setUi(store, (ui) => ({ layers: ui.layers.map((l, i) => (i === index ? changed : l)) }))
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
  setUi(store, {
    marks: {
      ...ui.marks,
      [ui.focus]: marks.includes(id) ? marks.filter((m) => m !== id) : [...marks, id],
    },
  })
  move(store, 'down')
}
