/** One event of a stream of server-sent events. */
export interface SseFrame {
  readonly event: string
  readonly data: string
  /** The cursor after this event. */
  readonly id: string | undefined
}

/** No single event may fill the memory of the reader. */
const MAX_FRAME_CHARS = 4 * 1024 * 1024

/** Reads server-sent events from chunks of text, as the HTML standard describes them. */
export class SseReader {
  /** The cursor of the last event; it outlives a connection. */
  lastEventId: string | undefined
  /** What the server asked for with `retry:`, in milliseconds. */
  retryMs: number | undefined
  #rest = ''
  #halfBreak = false
  #data: string[] = []
  #event = ''
  #size = 0

  /** A new connection begins with an empty line buffer; the cursor stays. */
  reset(): void {
    this.#rest = ''
    this.#halfBreak = false
    this.#clear()
  }

  /** The events that end within this chunk. Throws when one is larger than 4 MiB. */
  read(chunk: string): SseFrame[] {
    if (chunk === '') return []
    // The second half of a line break whose first half ended the chunk before.
    const text = this.#rest + (this.#halfBreak ? chunk.replace(/^\n/, '') : chunk)
    this.#halfBreak = text.endsWith('\r')
    const lines = text.split(/\r\n|\n|\r/)
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length + this.#size > MAX_FRAME_CHARS) throw new RangeError('event too large')
    return lines.flatMap((line) => this.#line(line))
  }

  #line(line: string): SseFrame[] {
    if (line === '') return this.#end()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') {
      this.#data.push(value)
      this.#size += value.length
    } else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.lastEventId = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
    return []
  }

  #end(): SseFrame[] {
    const data = this.#data.join('\n')
    const frame = { event: this.#event || 'message', data, id: this.lastEventId }
    const complete = this.#data.length > 0
    this.#clear()
    return complete ? [frame] : []
  }

  #clear(): void {
    this.#data = []
    this.#event = ''
    this.#size = 0
  }
}
