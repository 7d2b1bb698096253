import { createHash } from 'node:crypto'
import { bounded, openEmulator } from '../../base/emulator.ts'
import type { Terminal, TerminalSize } from '../../base/emulator.ts'
import type { PodTerminal } from '../../ports/pods.ts'
import { HeldScreen } from './screen.ts'
import type { Attachment, Viewer } from './types.ts'

/** Lines that scrolled off and are kept for whoever comes back. */
const HISTORY = 1000
/** A viewer with more than this before it is skipped, and redrawn when it has caught up. */
const VIEWER_FULL = 4 << 20
const VIEWER_READY = 1 << 20
/** Output that the emulator has not read yet: beyond the first the program waits, below the second it goes on. */
const LAG_FULL = 2 << 20
const LAG_READY = 512 << 10

/** Bytes of answers that a program gets between two inputs: one that only asks and never reads would fill our memory. */
const ANSWERS_MAX = 64 << 10

/** The exit code of a program that was hung up on. */
const KILLED = 129

/** A viewer as the holder sees it: one that is behind gets nothing until the whole screen, which may be being drawn. */
interface Seat {
  viewer: Viewer
  size: TerminalSize | undefined
  behind: boolean
  drawing: boolean
}

/**
 * Takes over a PTY: always drains it, keeps its screen, and shows it to any number of viewers, each at its own pace. A
 * stuck viewer costs nobody anything. The terminal has the size of the viewer that last asked for one.
 *
 * The holder's emulator answers what programs ask a terminal (DA, DSR and their like), whoever looks on, and viewers never do:
 * so there is exactly one answer, and nothing about the operator's own terminal.
 */
export async function holdTerminal(terminal: PodTerminal, size: TerminalSize): Promise<Holder> {
  const emulator = await openEmulator(size, HISTORY)
  return new Holder(terminal, emulator)
}

export class Holder {
  readonly #terminal: PodTerminal
  readonly #screen: HeldScreen
  readonly #hash = createHash('sha256')
  readonly #seats: Seat[] = []
  readonly #exits: ((code: number) => void)[] = []
  #paused = false
  #answers = ANSWERS_MAX
  #bytes = 0
  #exitCode: number | undefined

  constructor(terminal: PodTerminal, emulator: Terminal) {
    this.#terminal = terminal
    this.#screen = new HeldScreen(emulator, () => this.#read())
    emulator.onData((answer) => this.#answer(Buffer.from(answer)))
    terminal.onExit((code) => this.#ended(code))
    terminal.onData((chunk) => this.#take(chunk))
  }

  /** Bytes that the program wrote. */
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
  /** Bytes that its screen does not show yet. */
  get lag(): number {
    return this.#screen.lag
  }
  get viewers(): number {
    return this.#seats.length
  }

  /** Called once when the program has ended, at once if it already has. */
  onExit(take: (code: number) => void): void {
    if (this.#exitCode === undefined) this.#exits.push(take)
    else take(this.#exitCode)
  }

  /**
   * Seats a viewer: it is sent the screen as it is, then what follows. With a size the terminal takes that size;
   * without, the viewer is told the terminal's.
   */
  attach(viewer: Viewer, size?: TerminalSize): Attachment {
    const seat: Seat = { viewer, size: size && bounded(size), behind: false, drawing: false }
    if (seat.size) this.#fit(seat.size)
    else viewer.size(this.columns, this.rows)
    this.#seats.push(seat)
    this.#redraw(seat, HISTORY)
    return {
      write: (keys) => this.write(keys),
      resize: (columns, rows) => this.#ask(seat, bounded({ columns, rows })),
      drained: () => {
        if (seat.behind && !seat.drawing && viewer.waiting() < VIEWER_READY) this.#redraw(seat, 0)
      },
      close: () => this.#leave(seat),
    }
  }

  write(keys: Uint8Array): void {
    this.#answers = ANSWERS_MAX
    if (this.#exitCode === undefined) this.#terminal.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#fit({ columns, rows })
  }

  /** Ends every process of the terminal in the pod; answers when none is left. */
  async end(): Promise<void> {
    await this.#terminal.kill()
    // Whoever still looks learns that it is over, should the backend not have told an exit code.
    if (this.#exitCode === undefined) for (const seat of this.#seats) seat.viewer.exit(KILLED)
    this.#seats.length = 0
    this.#screen.stop()
  }

  #answer(bytes: Buffer): void {
    if (this.#exitCode !== undefined || this.#answers < bytes.length) return
    this.#answers -= bytes.length
    this.#terminal.write(bytes)
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    this.#hash.update(chunk)
    for (const seat of this.#seats) this.#give(seat, chunk)
    this.#screen.print(chunk)
    if (this.#screen.lag > LAG_FULL && !this.#paused) {
      this.#paused = true
      this.#terminal.pause()
    }
  }

  #read(): void {
    if (!this.#paused || this.#screen.lag >= LAG_READY) return
    this.#paused = false
    this.#terminal.resume()
  }

  #give(seat: Seat, chunk: Uint8Array): void {
    if (seat.behind) return
    if (seat.viewer.waiting() > VIEWER_FULL) seat.behind = true
    else seat.viewer.data(chunk)
  }

  #redraw(seat: Seat, history: number): void {
    seat.behind = seat.drawing = true
    this.#screen.draw(history, (screen, since) => {
      seat.behind = seat.drawing = false
      if (!this.#seats.includes(seat)) return
      seat.viewer.reset(screen)
      for (const chunk of since) seat.viewer.data(chunk)
      if (this.#exitCode !== undefined) seat.viewer.exit(this.#exitCode)
    })
  }

  #ask(seat: Seat, size: TerminalSize): void {
    seat.size = size
    // The last seat is the one whose size counts.
    const at = this.#seats.indexOf(seat)
    if (at === -1) return
    this.#seats.splice(at, 1)
    this.#seats.push(seat)
    this.#fit(size, seat)
  }

  #leave(seat: Seat): void {
    const at = this.#seats.indexOf(seat)
    if (at === -1) return
    this.#seats.splice(at, 1)
    const next = this.#seats.findLast((each) => each.size !== undefined)
    if (next?.size) this.#fit(next.size, next)
  }

  #fit(size: TerminalSize, asked?: Seat): void {
    const { columns, rows } = bounded(size)
    if (this.#exitCode !== undefined || (columns === this.columns && rows === this.rows)) return
    this.#screen.resize({ columns, rows })
    this.#terminal.resize(columns, rows)
    for (const seat of this.#seats) {
      if (seat === asked) continue
      seat.viewer.size(columns, rows)
      if (!seat.behind) this.#redraw(seat, 0)
    }
  }

  #ended(code: number): void {
    if (this.#exitCode !== undefined) return
    this.#exitCode = code
    for (const seat of this.#seats) if (!seat.behind) seat.viewer.exit(code)
    for (const take of this.#exits.splice(0)) take(code)
  }
}
