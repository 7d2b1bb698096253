import { readNow, sliceEnd } from '../../base/emulator-bounds.ts'
import { resizeEmulator } from '../../base/emulator.ts'
import type { Terminal, TerminalSize } from '../../base/emulator.ts'
import { RoundRobin } from '../../base/round-robin.ts'
import { drawInParts } from './snapshot.ts'
import { unfinished } from './unfinished.ts'

/** A screen is drawn synchronously for at most this long. */
const SYNC_MS = 4

/** Shared by all screens, because they share one event loop. */
const turns = new RoundRobin()

/**
 * Called with bytes that draw the screen on a cleared one, and with what the program wrote since.
 */
type OnDrawn = (screen: Buffer, since: Uint8Array[]) => void

interface Drawing {
  history: number
  onDrawn: OnDrawn
  parts: Generator<string, void>
  text: string[]
}

/**
 * The screen of a held terminal. Output is read in slices and the screen is drawn line by line, so
 * that no output, however expensive, blocks anything else. While a drawing is in progress nothing
 * is read, so that it is exact to the byte.
 */
export class HeldScreen {
  readonly #terminal: Terminal
  readonly #onRead: () => void
  /** Unread chunks; the first `#from` bytes of the first chunk are read. */
  #unread: Uint8Array[] = []
  #from = 0
  #lag = 0
  /** The beginning of a control sequence or character that is not complete yet. */
  #tail: Buffer = Buffer.alloc(0)
  #drawings: Drawing[] = []
  #busy = false

  constructor(terminal: Terminal, onRead: () => void) {
    this.#terminal = terminal
    this.#onRead = onRead
  }

  get columns(): number {
    return this.#terminal.cols
  }
  get rows(): number {
    return this.#terminal.rows
  }
  /** Number of unread bytes. */
  get lag(): number {
    return this.#lag
  }

  print(chunk: Uint8Array): void {
    this.#unread.push(chunk)
    this.#lag += chunk.length
    this.#schedule()
  }

  /** Draws the last `history` scrolled-off lines and the screen, synchronously if that is quick. */
  draw(history: number, onDrawn: OnDrawn): void {
    this.#drawings.push({
      history,
      onDrawn,
      parts: drawInParts(this.#terminal, history),
      text: [],
    })
    const end = performance.now() + SYNC_MS
    while (this.#drawings.length > 0 && performance.now() < end) this.#drawNext()
    this.#schedule()
  }

  resize(size: TerminalSize): void {
    resizeEmulator(this.#terminal, size)
    for (const drawing of this.#drawings) {
      drawing.parts = drawInParts(this.#terminal, drawing.history)
      drawing.text = []
    }
  }

  /** Discards unread output and unfinished drawings. */
  stop(): void {
    this.#unread = []
    this.#lag = 0
    this.#drawings = []
  }

  #schedule(): void {
    if (this.#busy || (this.#lag === 0 && this.#drawings.length === 0)) return
    this.#busy = true
    turns.add(() => {
      if (this.#drawings.length > 0) this.#drawNext()
      else if (this.#lag > 0) this.#readNext()
      this.#busy = this.#drawings.length > 0 || this.#lag > 0
      return this.#busy
    })
  }

  #readNext(): void {
    const chunk = this.#unread[0] as Uint8Array
    const to = sliceEnd(this.#terminal, chunk, this.#from)
    const slice = chunk.subarray(this.#from, to)
    if (to === chunk.length) this.#unread.shift()
    this.#from = to === chunk.length ? 0 : to
    this.#lag -= slice.length
    readNow(this.#terminal, slice)
    this.#tail = unfinished(this.#terminal, this.#tail, slice)
    this.#onRead()
  }

  #drawNext(): void {
    const drawing = this.#drawings[0] as Drawing
    const part = drawing.parts.next()
    if (part.done !== true) {
      drawing.text.push(part.value)
      return
    }
    this.#drawings.shift()
    const [first, ...rest] = this.#unread
    drawing.onDrawn(
      Buffer.concat([Buffer.from(drawing.text.join('')), this.#tail]),
      first === undefined ? [] : [first.subarray(this.#from), ...rest],
    )
  }
}
