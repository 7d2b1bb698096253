import { PassThrough } from 'node:stream'
import type { KeyRouter } from '../terminal-seam.ts'
import { KeyParser, type Key } from './parse.ts'

/** How long an Esc waits for the rest of a sequence, in milliseconds. */
const ESC_MS = 25

type RawInput = NodeJS.ReadableStream & {
  isTTY?: boolean
  setRawMode?: (on: boolean) => unknown
  isRaw?: boolean
}

/**
 * The only owner of stdin while the console runs. Bytes go to a sink (a terminal), or as keys to
 * the key handler. Ink gets a stand-in, so that nothing is lost or decoded twice when a terminal
 * takes the keys.
 */
export class InputRouter implements KeyRouter {
  /** What Ink reads as stdin. It only gets what `pass` writes. */
  readonly standIn: PassThrough & {
    isTTY: boolean
    setRawMode(on: boolean): unknown
    ref(): unknown
    unref(): unknown
  }
  private readonly parser = new KeyParser()
  private sink: ((bytes: Buffer) => void) | null = null
  private timer: NodeJS.Timeout | undefined
  private readonly onData = (bytes: Buffer | string): void =>
    this.take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)

  private readonly real: RawInput
  private readonly press: (keys: readonly Key[]) => void

  constructor(real: RawInput, press: (keys: readonly Key[]) => void) {
    this.real = real
    this.press = press
    const standIn = new PassThrough()
    this.standIn = Object.assign(standIn, {
      isTTY: true,
      setRawMode: () => standIn,
      ref: () => standIn,
      unref: () => standIn,
    })
    real.setRawMode?.(true)
    real.on('data', this.onData)
    real.resume()
  }

  route(sink: ((bytes: Buffer) => void) | null): void {
    this.sink = sink
  }

  feed(bytes: Buffer): void {
    if (bytes.length > 0) this.take(bytes)
  }

  /** Gives a key to a component that reads its keys through Ink. */
  pass(text: string): void {
    this.standIn.write(text)
  }

  /** While it rests, keys are the terminal's own: lines, and signals. */
  rest(on: boolean): void {
    this.real.setRawMode?.(!on)
  }

  close(): void {
    clearTimeout(this.timer)
    this.real.off('data', this.onData)
    this.real.setRawMode?.(false)
    this.real.pause()
  }

  private take(bytes: Buffer): void {
    if (this.sink !== null) {
      this.sink(bytes)
      return
    }
    clearTimeout(this.timer)
    const keys = this.parser.feed(bytes)
    if (this.parser.waiting) this.timer = setTimeout(() => this.press(this.parser.late()), ESC_MS)
    if (keys.length > 0) this.press(keys)
  }
}
