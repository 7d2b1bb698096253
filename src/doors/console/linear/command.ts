import type { Link } from '../../operator/link.ts'
import type { ConsoleStore } from '../store/state.ts'

/** A typed command: its words after the first, and the lines that answer it. */
type RunCommand = (store: ConsoleStore, link: Link, words: string[]) => Promise<string[]> | string[]

export interface LinearCommand {
  help: string
  run: RunCommand
}

/** Commands by their first word. */
export type LinearCommands = Record<string, LinearCommand>
