import { hiddenState } from '../../base/emulator.ts'
import type { Terminal } from '../../base/emulator.ts'

/** Enough for every sequence that draws; of a longer one (a title, an image) the beginning suffices to have its rest ignored. */
const TAIL_MAX = 4096
const NONE: Buffer = Buffer.alloc(0)

/**
 * The bytes at the end of the output that the emulator has read but not yet acted upon: a control sequence or a UTF-8
 * character of which only the beginning has come. A viewer that joins here needs them, to read the rest aright.
 * `before` is the answer for everything before `chunk`.
 */
export function unfinished(terminal: Terminal, before: Buffer, chunk: Uint8Array): Buffer {
  const bytes =
    before.length === 0
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.concat([before, chunk])
  if (hiddenState(terminal).atRest) return partialCharacter(bytes)
  const start = bytes.lastIndexOf(0x1b)
  return start === -1 ? NONE : Buffer.from(bytes.subarray(start, start + TAIL_MAX))
}

function partialCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return NONE
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? Buffer.from(bytes.subarray(bytes.length - back)) : NONE
  }
  return NONE
}
