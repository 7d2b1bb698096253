import type { Socket } from 'node:net'

/**
 * What a client sends before anybody carries it on. It is read, within bounds, so that a client
 * that goes away is noticed.
 */
export class EarlyBytes {
  readonly #socket: Socket
  readonly #max: number
  readonly #gone = new AbortController()
  #bytes: Buffer
  #take: (() => void) | undefined
  /** Whether the client said that it sends no more. */
  isOver = false

  constructor(socket: Socket, head: Buffer, max: number) {
    this.#socket = socket
    this.#bytes = head
    this.#max = max
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
  }

  /** Aborted when the client is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /**
   * Passes all that has been sent to `look`, again with more until it is done; `isAll`: there will
   * be no more. If nothing comes in time nothing happens, but a beginning that stays one is `late`.
   */
  read(
    look: (bytes: Buffer, isAll: boolean) => 'more' | 'done',
    { ms, late }: { ms: number; late: () => void },
  ): void {
    let timer: NodeJS.Timeout | undefined
    this.#take = () => {
      if (this.#bytes.length === 0 && !this.isOver) return
      timer ??= setTimeout(late, ms).unref()
      // From here on the bytes are the caller's.
      const isAll = this.isOver || this.#bytes.length >= this.#max
      this.#detach()
      if (look(this.#bytes, isAll) === 'more') this.#attach()
      else {
        this.#take = undefined
        clearTimeout(timer)
      }
    }
    this.#socket.once('close', () => clearTimeout(timer))
    this.#socket.resume()
    this.#take()
  }

  readonly #onData = (part: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? part : Buffer.concat([this.#bytes, part])
    if (this.#bytes.length >= this.#max && this.#take === undefined) this.#socket.pause()
    this.#take?.()
  }

  readonly #onEnd = (): void => {
    this.isOver = true
    if (this.#take === undefined) this.#gone.abort()
    else this.#take()
  }

  readonly #onClose = (): void => {
    this.#gone.abort()
  }

  #attach(): void {
    this.#socket.on('data', this.#onData)
    this.#socket.on('end', this.#onEnd)
  }

  #detach(): void {
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
  }
}
