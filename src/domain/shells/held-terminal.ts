import { createHash } from 'node:crypto'
import { bounded, openEmulator } from '../../base/emulator.ts'
import type { Terminal, TerminalSize } from '../../base/emulator.ts'
import type { PodTerminal } from '../../ports/pods.ts'
import { HeldScreen } from './held-screen.ts'
import type { Attachment, Viewer } from './types.ts'

/** Scrolled-off lines that are kept, and shown to new viewers. */
const HISTORY_LINES = 1000
/**
 * A viewer with more unsent bytes than this is skipped, and redrawn once it has less than the
 * second.
 */
const VIEWER_FULL_BYTES = 4 << 20
const VIEWER_READY_BYTES = 1 << 20
/**
 * With more bytes unread by the emulator than this the program is paused, until there are fewer
 * than the second.
 */
const LAG_FULL_BYTES = 2 << 20
const LAG_READY_BYTES = 512 << 10
/**
 * Reply bytes that a program gets between two inputs. One that only asks and never reads would fill
 * our memory.
 */
const MAX_REPLY_BYTES = 64 << 10
/** The exit code of a program that ended by SIGHUP. */
const EXIT_CODE_HANGUP = 129

/** An attached viewer. One that is behind gets nothing until the whole screen was drawn for it. */
interface AttachedViewer {
  viewer: Viewer
  size: TerminalSize | undefined
  behind: boolean
  drawing: boolean
}

/**
 * Takes over a PTY: always drains it, keeps its screen, and shows it to any number of viewers, each
 * at its own pace. A stuck viewer affects nobody else. The terminal has the size that was requested
 * last.
 *
 * Only the emulator here replies to what programs ask a terminal (DA, DSR and similar), never a
 * viewer, so there is exactly one reply, and it reveals nothing about the operator's own terminal.
 */
export async function holdTerminal(
  terminal: PodTerminal,
  size: TerminalSize,
): Promise<HeldTerminal> {
  const emulator = await openEmulator(size, HISTORY_LINES)
  return new HeldTerminal(terminal, emulator)
}

export class HeldTerminal {
  readonly #terminal: PodTerminal
  readonly #screen: HeldScreen
  readonly #hash = createHash('sha256')
  /** The last one requested the current size. */
  readonly #viewers: AttachedViewer[] = []
  readonly #exitListeners: ((code: number) => void)[] = []
  #paused = false
  #replyBytesLeft = MAX_REPLY_BYTES
  #bytes = 0
  #exitCode: number | undefined

  constructor(terminal: PodTerminal, emulator: Terminal) {
    this.#terminal = terminal
    this.#screen = new HeldScreen(emulator, () => this.#onRead())
    emulator.onData((reply) => this.#reply(Buffer.from(reply)))
    terminal.onExit((code) => this.#onExit(code))
    terminal.onData((chunk) => this.#onOutput(chunk))
  }

  /** Number of bytes that the program wrote. */
  get bytes(): number {
    return this.#bytes
  }
  /** SHA-256 of all output so far, in hex. */
  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }
  get columns(): number {
    return this.#screen.columns
  }
  get rows(): number {
    return this.#screen.rows
  }
  /** Undefined while the program runs. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }
  /** Bytes of output that the screen does not show yet. */
  get lag(): number {
    return this.#screen.lag
  }
  get viewers(): number {
    return this.#viewers.length
  }

  /** Calls `listener` once when the program ends, immediately if it has ended. */
  onExit(listener: (code: number) => void): void {
    if (this.#exitCode === undefined) this.#exitListeners.push(listener)
    else listener(this.#exitCode)
  }

  /**
   * Sends a viewer the current screen and everything after it. With a size, the terminal is resized
   * to it; without, the viewer is sent the terminal's size.
   */
  attach(viewer: Viewer, size?: TerminalSize): Attachment {
    const attached: AttachedViewer = {
      viewer,
      size: size && bounded(size),
      behind: false,
      drawing: false,
    }
    if (attached.size) this.#fit(attached.size)
    else viewer.size(this.columns, this.rows)
    this.#viewers.push(attached)
    this.#redraw(attached, HISTORY_LINES)
    return {
      write: (keys) => this.write(keys),
      resize: (columns, rows) => this.#requestSize(attached, bounded({ columns, rows })),
      drained: () => {
        if (attached.behind && !attached.drawing && viewer.waiting() < VIEWER_READY_BYTES)
          this.#redraw(attached, 0)
      },
      close: () => this.#detach(attached),
    }
  }

  write(keys: Uint8Array): void {
    this.#replyBytesLeft = MAX_REPLY_BYTES
    if (this.#exitCode === undefined) this.#terminal.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#fit({ columns, rows })
  }

  /** Kills every process of the terminal in the pod. Resolves when none is left. */
  async end(): Promise<void> {
    await this.#terminal.kill()
    // The backend may not have reported an exit code.
    if (this.#exitCode === undefined)
      for (const { viewer } of this.#viewers) viewer.exit(EXIT_CODE_HANGUP)
    this.#viewers.length = 0
    this.#screen.stop()
  }

  #reply(bytes: Buffer): void {
    if (this.#exitCode !== undefined || this.#replyBytesLeft < bytes.length) return
    this.#replyBytesLeft -= bytes.length
    this.#terminal.write(bytes)
  }

  #onOutput(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    this.#hash.update(chunk)
    for (const attached of this.#viewers) this.#send(attached, chunk)
    this.#screen.print(chunk)
    if (this.#screen.lag > LAG_FULL_BYTES && !this.#paused) {
      this.#paused = true
      this.#terminal.pause()
    }
  }

  #onRead(): void {
    if (!this.#paused || this.#screen.lag >= LAG_READY_BYTES) return
    this.#paused = false
    this.#terminal.resume()
  }

  #send(attached: AttachedViewer, chunk: Uint8Array): void {
    if (attached.behind) return
    if (attached.viewer.waiting() > VIEWER_FULL_BYTES) attached.behind = true
    else attached.viewer.data(chunk)
  }

  #redraw(attached: AttachedViewer, history: number): void {
    attached.behind = attached.drawing = true
    this.#screen.draw(history, (screen, since) => {
      attached.behind = attached.drawing = false
      if (!this.#viewers.includes(attached)) return
      attached.viewer.reset(screen)
      for (const chunk of since) attached.viewer.data(chunk)
      if (this.#exitCode !== undefined) attached.viewer.exit(this.#exitCode)
    })
  }

  #requestSize(attached: AttachedViewer, size: TerminalSize): void {
    attached.size = size
    if (!this.#remove(attached)) return
    this.#viewers.push(attached)
    this.#fit(size, attached)
  }

  #detach(attached: AttachedViewer): void {
    if (!this.#remove(attached)) return
    const next = this.#viewers.findLast((each) => each.size !== undefined)
    if (next?.size) this.#fit(next.size, next)
  }

  /** Returns false when the viewer was detached already. */
  #remove(attached: AttachedViewer): boolean {
    const at = this.#viewers.indexOf(attached)
    if (at !== -1) this.#viewers.splice(at, 1)
    return at !== -1
  }

  #fit(size: TerminalSize, requestedBy?: AttachedViewer): void {
    const { columns, rows } = bounded(size)
    if (this.#exitCode !== undefined || (columns === this.columns && rows === this.rows)) return
    this.#screen.resize({ columns, rows })
    this.#terminal.resize(columns, rows)
    for (const attached of this.#viewers) {
      if (attached === requestedBy) continue
      attached.viewer.size(columns, rows)
      if (!attached.behind) this.#redraw(attached, 0)
    }
  }

  #onExit(code: number): void {
    if (this.#exitCode !== undefined) return
    this.#exitCode = code
    for (const { behind, viewer } of this.#viewers) if (!behind) viewer.exit(code)
    for (const listener of this.#exitListeners.splice(0)) listener(code)
  }
}
