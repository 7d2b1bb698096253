import { createStore } from 'zustand/vanilla'
import { faultText } from '../../text/faults.ts'
import type { UiLayer } from './layer.ts'
import { settle } from './settle.ts'
import type { ConsoleState, ConsoleStore } from './state.ts'
import { emptyUi, type ToastTone, type UiHalf } from './ui.ts'
import { withVisibleCursors } from './visible.ts'
import { emptyWorld, type WorldHalf } from './world.ts'

export function makeStore(options: Parameters<typeof emptyUi>[0]): ConsoleStore {
  return createStore<ConsoleState>(() => ({ world: emptyWorld(), ui: emptyUi(options) }))
}

/** Changes what the operator is doing. Cursors leave rows that are no longer shown. */
export function setUi(
  store: ConsoleStore,
  change: Partial<UiHalf> | ((ui: UiHalf, world: WorldHalf) => Partial<UiHalf>),
): void {
  store.setState((state) => {
    const changed = typeof change === 'function' ? change(state.ui, state.world) : change
    const ui = { ...state.ui, ...changed }
    return { ui: hidesRows(state.ui, ui) ? withVisibleCursors({ ...state, ui }) : ui }
  })
}

/**
 * Whether other rows may be shown than before: another filter, or the board instead of the list.
 */
function hidesRows(before: UiHalf, after: UiHalf): boolean {
  return (
    before.filter !== after.filter ||
    before.zoomed !== after.zoomed ||
    before.focus !== after.focus ||
    before.cursor !== after.cursor
  )
}

/** Takes a new world; cursors, marks and pending decisions follow their rows, which have ids. */
export function setWorld(store: ConsoleStore, world: WorldHalf, now: number): void {
  store.setState((state) => ({ world, ui: settle(state, world, now) }))
}

export function pushLayer(store: ConsoleStore, layer: UiLayer): void {
  setUi(store, (ui) => ({ layers: [...ui.layers, layer] }))
}

export function popLayer(store: ConsoleStore): void {
  setUi(store, (ui) => ({ layers: ui.layers.slice(0, -1) }))
}

/** Changes the top layer if it is of this kind. */
export function changeTop<K extends UiLayer['kind']>(
  store: ConsoleStore,
  kind: K,
  change: (layer: Extract<UiLayer, { kind: K }>) => UiLayer,
): void {
  setUi(store, (ui) => {
    const top = ui.layers.at(-1)
    if (top?.kind !== kind) return {}
    return { layers: [...ui.layers.slice(0, -1), change(top as Extract<UiLayer, { kind: K }>)] }
  })
}

/** Changes a layer that need not be the top one: answers may come while another is above it. */
export function changeLayer(
  store: ConsoleStore,
  find: (layer: UiLayer) => boolean,
  change: (layer: UiLayer) => UiLayer,
): void {
  setUi(store, (ui) =>
    ui.layers.some(find) ? { layers: ui.layers.map((l) => (find(l) ? change(l) : l)) } : {},
  )
}

/**
 * Keys are ignored for this time, in milliseconds, after the focus changed by itself: they were
 * meant for what was there before.
 */
const HOLD_MS = 300

export function holdKeys(store: ConsoleStore): void {
  setUi(store, { keysFrom: Date.now() + HOLD_MS })
}

let toasts = 0
const TOAST_MS: Record<ToastTone, number> = { info: 4000, good: 3000, warn: 6000, bad: 9000 }

/** Shows a message at the foot of the screen for a few seconds. */
export function toast(store: ConsoleStore, text: string, tone: ToastTone = 'info'): void {
  setUi(store, (ui) => {
    const others = ui.toasts.filter((t) => t.text !== text)
    const until = Date.now() + TOAST_MS[tone]
    return { toasts: [...others, { id: ++toasts, text, tone, until }].slice(-4) }
  })
}

/** Shows what went wrong and what to do next. `about` comes before it: `Start agent a1: `. */
export function toastFault(store: ConsoleStore, thrown: unknown, about = ''): void {
  toast(store, `${about}${faultText(thrown)}`, 'bad')
}
