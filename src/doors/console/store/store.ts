import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Layer } from './layer.ts'
import { settle } from './select.ts'
import { emptyUi, type Tone, type UiHalf } from './ui.ts'
import { emptyWorld, type WorldHalf } from './world.ts'

/** Everything the console shows: the mirror of the deck, and what the operator is doing. */
export interface ConsoleState {
  world: WorldHalf
  ui: UiHalf
}

export type ConsoleStore = StoreApi<ConsoleState>

export function makeStore(options: Parameters<typeof emptyUi>[0]): ConsoleStore {
  return createStore<ConsoleState>(() => ({ world: emptyWorld(options.now), ui: emptyUi(options) }))
}

/** Changes what the operator is doing. */
export function setUi(
  store: ConsoleStore,
  change: Partial<UiHalf> | ((ui: UiHalf, world: WorldHalf) => Partial<UiHalf>),
): void {
  store.setState((state) => ({
    ui: { ...state.ui, ...(typeof change === 'function' ? change(state.ui, state.world) : change) },
  }))
}

/** Takes a new world, and lets cursors, marks and pending decisions follow it: rows are held by id, never by place. */
export function setWorld(store: ConsoleStore, world: WorldHalf, now: number): void {
  store.setState((state) => ({ world, ui: settle(state, world, now) }))
}

export function pushLayer(store: ConsoleStore, layer: Layer): void {
  setUi(store, (ui) => ({ layers: [...ui.layers, layer] }))
}

export function popLayer(store: ConsoleStore): void {
  setUi(store, (ui) => ({ layers: ui.layers.slice(0, -1) }))
}

/** Changes the topmost layer if it still is of that kind. */
export function changeTop<K extends Layer['kind']>(
  store: ConsoleStore,
  kind: K,
  change: (layer: Extract<Layer, { kind: K }>) => Layer,
): void {
  setUi(store, (ui) => {
    const top = ui.layers.at(-1)
    if (top?.kind !== kind) return {}
    return { layers: [...ui.layers.slice(0, -1), change(top as Extract<Layer, { kind: K }>)] }
  })
}

/** Changes one layer wherever it lies: answers may come while something else is on top. */
export function changeLayer(
  store: ConsoleStore,
  find: (layer: Layer) => boolean,
  change: (layer: Layer) => Layer,
): void {
  setUi(store, (ui) =>
    ui.layers.some(find) ? { layers: ui.layers.map((l) => (find(l) ? change(l) : l)) } : {},
  )
}

/** So long after the focus changed by itself, keys are dropped: they were meant for what was there before. In milliseconds. */
export const HOLD_MS = 300

export function holdKeys(store: ConsoleStore): void {
  setUi(store, { keysFrom: Date.now() + HOLD_MS })
}

let toasts = 0
const TOAST_MS: Record<Tone, number> = { info: 4000, good: 3000, warn: 6000, bad: 9000 }

export function toast(store: ConsoleStore, text: string, tone: Tone = 'info'): void {
  setUi(store, (ui) => {
    const same = ui.toasts.filter((t) => t.text !== text)
    return {
      toasts: [...same, { id: ++toasts, text, tone, until: Date.now() + TOAST_MS[tone] }].slice(-4),
    }
  })
}

/** A selector that works once for each state: React asks for the same one several times per frame. */
export function once<T>(make: (state: ConsoleState) => T): (state: ConsoleState) => T {
  let last: { state: ConsoleState; made: T } | undefined
  return (state) => {
    if (last?.state !== state) last = { state, made: make(state) }
    return last.made
  }
}
