const LEAVE = 0x1d
const PASTE_BEGINS = Buffer.from('\x1b[200~')
const PASTE_ENDS = Buffer.from('\x1b[201~')

/** The bytes before the leave key and, if it was pressed, those after it. */
interface Scanned {
  before: Buffer
  after: Buffer | null
}

/**
 * Looks for Ctrl-] in what is typed. Within a bracketed paste the byte is content, unless it comes
 * alone as a key does, in case the end of a paste gets lost.
 */
export class LeaveKey {
  #pasting = false
  #matched = 0

  scan(bytes: Uint8Array): Scanned {
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (input.length === 1 && input[0] === LEAVE) return this.#found(input, 0)
    for (let at = 0; at < input.length; at++) {
      const byte = input[at] as number
      if (byte === LEAVE && !this.#pasting) return this.#found(input, at)
      this.#track(byte)
    }
    return { before: input, after: null }
  }

  #track(byte: number): void {
    const marker = this.#pasting ? PASTE_ENDS : PASTE_BEGINS
    if (byte === marker[this.#matched]) this.#matched += 1
    else this.#matched = byte === marker[0] ? 1 : 0
    if (this.#matched < marker.length) return
    this.#matched = 0
    this.#pasting = !this.#pasting
  }

  #found(input: Buffer, at: number): Scanned {
    this.#pasting = false
    this.#matched = 0
    return { before: input.subarray(0, at), after: input.subarray(at + 1) }
  }
}
