import type { TerminalSize } from '../../base/emulator.ts'
import { Fault } from '../../base/fault.ts'
import { PTY_FRAME, PTY_HEADER_BYTES } from '../../commands/wire.ts'

type PtyFrameKind = (typeof PTY_FRAME)[keyof typeof PTY_FRAME]
interface PtyFrame {
  kind: PtyFrameKind
  payload: Buffer
}

/** The largest payload of one frame. */
const MAX_PAYLOAD_BYTES = 1 << 20

/** One frame. The payload is copied; it has at most `MAX_PAYLOAD_BYTES`. */
function frameOf(kind: PtyFrameKind, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PTY_HEADER_BYTES + payload.length)
  bytes[0] = kind
  bytes.writeUInt32BE(payload.length, 1)
  bytes.set(payload, PTY_HEADER_BYTES)
  return bytes
}

/** Bytes of any length as frames. What does not fit into the first one follows as `data`. */
export function* framesOf(kind: PtyFrameKind, bytes: Uint8Array): Generator<Buffer> {
  yield frameOf(kind, bytes.subarray(0, MAX_PAYLOAD_BYTES))
  for (let at = MAX_PAYLOAD_BYTES; at < bytes.length; at += MAX_PAYLOAD_BYTES)
    yield frameOf(PTY_FRAME.data, bytes.subarray(at, at + MAX_PAYLOAD_BYTES))
}

export function sizeFrame({ columns, rows }: TerminalSize): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt16BE(columns, 0)
  payload.writeUInt16BE(rows, 2)
  return frameOf(PTY_FRAME.size, payload)
}

export function exitFrame(code: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeInt32BE(code | 0, 0)
  return frameOf(PTY_FRAME.exit, payload)
}

/** The size in the payload of a `size` frame. */
export function sizeIn(payload: Buffer): TerminalSize {
  return { columns: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) }
}

/** The exit code in the payload of an `exit` frame. */
export function exitCodeIn(payload: Buffer): number {
  return payload.readInt32BE(0)
}

/**
 * Splits a stream of bytes into frames. Buffers at most one incomplete frame. Throws Fault
 * `input.invalid` for malformed frames; the rest of the stream is then unreadable.
 */
export class FrameReader {
  #parts: Buffer[] = []
  #buffered = 0
  #needed = PTY_HEADER_BYTES

  push(chunk: Uint8Array): PtyFrame[] {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#buffered += chunk.length
    if (this.#buffered < this.#needed) return []
    const bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts)
    const frames: PtyFrame[] = []
    let at = 0
    this.#needed = PTY_HEADER_BYTES
    while (bytes.length - at >= PTY_HEADER_BYTES) {
      const { kind, length } = header(bytes, at)
      const end = at + PTY_HEADER_BYTES + length
      if (end > bytes.length) {
        this.#needed = end - at
        break
      }
      frames.push({ kind, payload: bytes.subarray(at + PTY_HEADER_BYTES, end) })
      at = end
    }
    this.#parts = at < bytes.length ? [bytes.subarray(at)] : []
    this.#buffered = bytes.length - at
    return frames
  }
}

const KINDS: ReadonlySet<number> = new Set(Object.values(PTY_FRAME))

function header(bytes: Buffer, at: number): { kind: PtyFrameKind; length: number } {
  const kind = bytes[at] as number
  const length = bytes.readUInt32BE(at + 1)
  if (!KINDS.has(kind)) throw malformed(`kind ${kind}`)
  if (length > MAX_PAYLOAD_BYTES)
    throw malformed(`${length} bytes in one frame, at most ${MAX_PAYLOAD_BYTES}`)
  if ((kind === PTY_FRAME.size || kind === PTY_FRAME.exit) && length !== 4)
    throw malformed(`${length} bytes instead of 4`)
  return { kind: kind as PtyFrameKind, length }
}

function malformed(what: string): Fault {
  return new Fault(
    'input.invalid',
    `the other side of the terminal connection sent a malformed frame: ${what}`,
    {
      hint: 'The console and the supervisor may have different versions. Run `clawdeck supervisor stop`, then start again.',
    },
  )
}
