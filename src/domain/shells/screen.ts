import { readNow, sliceEnd } from '../../base/emulator-bounds.ts'
import { resizeEmulator } from '../../base/emulator.ts'
import type { Terminal, TerminalSize } from '../../base/emulator.ts'
import { Turns } from '../../base/turns.ts'
import { snapshotInParts } from './snapshot.ts'
import { unfinished } from './unfinished.ts'

/** A screen that is drawn within this is drawn at once. */
const AT_ONCE_MS = 4

/** All screens share the time of one loop. */
const turns = new Turns()

/** Who waits for the whole screen: as bytes that draw it on a cleared one, and what the program wrote since. */
type Drawn = (screen: Buffer, since: Uint8Array[]) => void

interface Drawing {
  history: number
  drawn: Drawn
  parts: Generator<string, void>
  text: string[]
}

/**
 * The screen of a held terminal. It reads what the program prints a slice at a time, and is drawn a line at a time, so that
 * no output, however costly, holds up anything else. While it is drawn it reads nothing: each drawing is exact to the byte.
 */
export class HeldScreen {
  readonly #terminal: Terminal
  readonly #onRead: () => void
  /** What is not read yet; of the first, `#from` bytes are. */
  #unread: Uint8Array[] = []
  #from = 0
  #lag = 0
  /** The beginning of a sequence or character of which the rest is not read yet. */
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
  /** Bytes that are not read yet. */
  get lag(): number {
    return this.#lag
  }

  print(chunk: Uint8Array): void {
    this.#unread.push(chunk)
    this.#lag += chunk.length
    this.#work()
  }

  /** Draws the screen after the last `history` lines that have scrolled off: at once when it is quick, else in turns. */
  draw(history: number, drawn: Drawn): void {
    this.#drawings.push({
      history,
      drawn,
      parts: snapshotInParts(this.#terminal, history),
      text: [],
    })
    const end = performance.now() + AT_ONCE_MS
    while (this.#drawings.length > 0 && performance.now() < end) this.#drawOn()
    this.#work()
  }

  resize(size: TerminalSize): void {
    resizeEmulator(this.#terminal, size)
    for (const drawing of this.#drawings) {
      drawing.parts = snapshotInParts(this.#terminal, drawing.history)
      drawing.text = []
    }
  }

  /** Forgets what is not read and not drawn. */
  stop(): void {
    this.#unread = []
    this.#lag = 0
    this.#drawings = []
  }

  #work(): void {
    if (this.#busy || (this.#lag === 0 && this.#drawings.length === 0)) return
    this.#busy = true
    turns.add(() => {
      if (this.#drawings.length > 0) this.#drawOn()
      else if (this.#lag > 0) this.#readOn()
      this.#busy = this.#drawings.length > 0 || this.#lag > 0
      return this.#busy
    })
  }

  #readOn(): void {
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

  #drawOn(): void {
    const drawing = this.#drawings[0] as Drawing
    const part = drawing.parts.next()
    if (part.done !== true) {
      drawing.text.push(part.value)
      return
    }
    this.#drawings.shift()
    const [first, ...rest] = this.#unread
    drawing.drawn(
      Buffer.concat([Buffer.from(drawing.text.join('')), this.#tail]),
      first === undefined ? [] : [first.subarray(this.#from), ...rest],
    )
  }
}
