import type { Link } from '../../operator/link.ts'
import type { ConsoleStore } from '../store/store.ts'

/** What acts may use: the store, the line to the deck, and what only the console itself can do. */
export interface Bridge {
  store: ConsoleStore
  link: Link
  now(): number
  quit(): void
  redraw(): void
  nextTheme(): void
  /** Starts a supervisor that is not there, where that is possible; rejects with a fault. */
  startSupervisor: (() => Promise<void>) | undefined
  /** Leaves the console for the demo, where that is possible. */
  demo: (() => void) | undefined
  terminals: Terminals
  /** Lets the list of the wizard hear a key. */
  pass(text: string): void
}

export interface Terminals {
  open(agent: string): Promise<void>
  whole(agent: string, options?: { argv?: string[]; fresh?: boolean }): Promise<void>
  /** Gives a tile the keys. */
  enter(id: string): void
  close(id: string): void
}
