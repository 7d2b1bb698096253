import type { StoreApi } from 'zustand/vanilla'
import type { UiHalf } from './ui.ts'
import type { WorldHalf } from './world.ts'

/** Everything that the console shows: the mirror of the deck, and what the operator is doing. */
export interface ConsoleState {
  world: WorldHalf
  ui: UiHalf
}

export type ConsoleStore = StoreApi<ConsoleState>
