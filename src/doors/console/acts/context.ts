import type { Link } from '../../operator/link.ts'
import type { ConsoleStore } from '../store/state.ts'

/** What acts may use: the store, the link to the deck, and what only the console can do. */
export interface ConsoleContext {
  store: ConsoleStore
  link: Link
  now(): number
  quit(): void
  redraw(): void
  /** Gives the terminal back to the shell until it is continued there. */
  suspend(): void
  nextTheme(): void
  /** Starts the supervisor, where the console can; rejects with a fault. */
  startSupervisor: (() => Promise<void>) | undefined
  /** Leaves the console for the demo, where the console can. */
  demo: (() => void) | undefined
  terminals: Terminals
  /** Gives a key to the wizard's list of templates. */
  pass(text: string): void
}

export interface Terminals {
  open(agent: string): Promise<void>
  whole(agent: string, options?: { argv?: string[]; fresh?: boolean }): Promise<void>
  /** Gives the keys to a tile. */
  enter(id: string): void
  close(id: string): void
}
