import type { Link } from '../operator/link.ts'

/** Cells of the screen, counted from 0 at the top left. */
export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

/** The one owner of the keyboard. */
export interface KeyRouter {
  /** Hands every raw byte to `sink` until it is called with null; then bytes are keys again. */
  route(sink: ((bytes: Buffer) => void) | null): void
  /** Gives bytes back to the console as if they had just been typed: what came after the key that leaves. */
  feed(bytes: Buffer): void
}

/** What a terminal in the console needs from the console. */
export interface TerminalHost {
  router: KeyRouter
  /** The operator's real terminal. Write only inside your rectangle, or within `suspend`. */
  stdout: NodeJS.WriteStream
  link: Link
  columns(): number
  rows(): number
  /** Called after each frame that Ink wrote, when whatever was painted over it has to be painted again. The answer ends it. */
  onFrame(call: () => void): () => void
  /** Called after the terminal changed its size; Ink's own frame follows. */
  onResize(call: () => void): () => void
  /** Runs `during` with Ink silent and off the alternate screen, then enters it again and repaints everything. */
  suspend(during: () => Promise<void>): Promise<void>
  /** A line at the foot of the screen that goes away by itself. */
  toast(text: string, tone: 'info' | 'good' | 'warn' | 'bad'): void
}

export interface PaneEvents {
  /** The operator left the pane with Ctrl-]: keys are the console's again, the shell lives on. */
  left(): void
  /** The shell is over, or could not be reached; `note` is for people. Its last screen is painted until `close`. */
  ended(exitCode: number | null, note: string): void
}

/** An open terminal pane. The console lays out an empty box where it is; the pane paints over it. */
export interface OpenPane {
  /** The id of the shell that it shows. */
  readonly shell: string
  /** Where to paint, without any frame around it; null while hidden: then nothing may be painted. What lies over it is left alone. */
  place(rect: Rect | null, covers?: readonly Rect[]): void
  /** With true the pane takes the keys (through `router.route`) until the operator leaves; with false it gives them back. */
  focus(on: boolean): void
  /** Lets go of the shell, which lives on. */
  close(): void
}

/**
 * `terminal/pane.ts` exports this as `openPane`. Opens (or comes back to) a shell of an agent in a pane.
 * Faults: `not.possible`, `supervisor.unavailable`, `shell.ended`.
 */
export type OpenPaneFunction = (
  host: TerminalHost,
  options: { agent: string; shell?: string; rect: Rect; events: PaneEvents },
) => Promise<OpenPane>

/**
 * `terminal/whole.ts` exports this as `attachWhole`. Gives a shell the whole terminal until Ctrl-] or its end; calls
 * `host.suspend` itself; `note` says how it came to its end. With `fresh` a new shell even if one is open; with `argv` another command than the shell.
 */
export type AttachWholeFunction = (
  host: TerminalHost,
  options: { agent: string; shell?: string; fresh?: boolean; argv?: string[] },
) => Promise<{ why: 'left' | 'exit' | 'lost'; exitCode: number | null; note: string }>
