import { hiddenState } from '../../base/emulator.ts'
import type { Terminal } from '../../base/emulator.ts'

/**
 * Longer than any sequence that draws. Of others (titles, images) the beginning suffices to ignore
 * the rest.
 */
const MAX_TAIL_BYTES = 4096
const NONE: Buffer = Buffer.alloc(0)

/**
 * The bytes at the end of the output that are the beginning of an incomplete control sequence or
 * UTF-8 character. A viewer that attaches here needs them to understand the rest. `before` is the
 * result for everything before `chunk`.
 */
export function unfinished(terminal: Terminal, before: Buffer, chunk: Uint8Array): Buffer {
  const bytes =
    before.length === 0
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.concat([before, chunk])
  if (hiddenState(terminal).atRest) return partialCharacter(bytes)
  const start = bytes.lastIndexOf(0x1b)
  return start === -1 ? NONE : Buffer.from(bytes.subarray(start, start + MAX_TAIL_BYTES))
}

function partialCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return NONE
    if (byte < 0xc0) continue
    const complete = sequenceLength(byte) <= back
    return complete ? NONE : Buffer.from(bytes.subarray(bytes.length - back))
  }
  return NONE
}

/** The length of a UTF-8 sequence by its first byte. */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4
  return first >= 0xe0 ? 3 : 2
}
