import type { Link } from '../operator/link.ts'

/** Cells of the screen; 0, 0 is the top left. */
export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

/** The only owner of the keyboard. */
export interface KeyRouter {
  /** Gives every raw byte to `sink`, until it is called with null; then bytes are keys again. */
  route(sink: ((bytes: Buffer) => void) | null): void
  /** Returns bytes to the console as if they had just been typed: those after the leave key. */
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
  /**
   * Calls after each frame that Ink wrote: what was painted over it must be painted again. The
   * returned function ends it.
   */
  onFrame(call: () => void): () => void
  /** Calls after the terminal was resized; Ink's own frame follows. */
  onResize(call: () => void): () => void
  /** Runs `during` with Ink off the alternate screen, then goes back to it and repaints all. */
  suspend(during: () => Promise<void>): Promise<void>
  /** Shows a message at the foot of the screen for a few seconds. */
  toast(text: string, tone: 'info' | 'good' | 'warn' | 'bad'): void
}

export interface PaneEvents {
  /** The operator left the pane with Ctrl-]: the console gets the keys, the shell keeps running. */
  left(): void
  /**
   * The shell has ended or cannot be reached; `note` is for people. Its last screen stays until
   * `close`.
   */
  ended(exitCode: number | null, note: string): void
}

/** An open terminal pane. The console lays out an empty box, and the pane paints over it. */
export interface OpenPane {
  /** The id of the shell that it shows. */
  readonly shell: string
  /** Where to paint, without a frame, and not where it is covered; null while it is hidden. */
  place(rect: Rect | null, covers?: readonly Rect[]): void
  /** With true the pane takes the keys until the operator leaves; with false it returns them. */
  focus(on: boolean): void
  /** Detaches from the shell, which keeps running. */
  close(): void
}

/**
 * `terminal/pane.ts` exports this as `openPane`. Opens, or comes back to, a shell of an agent in a
 * pane. Faults: `not.possible`, `supervisor.unavailable`, `shell.ended`.
 */
export type OpenPaneFunction = (
  host: TerminalHost,
  options: { agent: string; shell?: string; rect: Rect; events: PaneEvents },
) => Promise<OpenPane>

/**
 * `terminal/whole.ts` exports this as `attachWhole`. Gives a shell the whole terminal until Ctrl-]
 * or its end; calls `host.suspend` itself. `note` says how it ended. With `fresh` it opens a new
 * shell; with `argv` it runs another command than the shell.
 */
export type AttachWholeFunction = (
  host: TerminalHost,
  options: { agent: string; shell?: string; fresh?: boolean; argv?: string[] },
) => Promise<{ why: 'left' | 'exit' | 'lost'; exitCode: number | null; note: string }>
