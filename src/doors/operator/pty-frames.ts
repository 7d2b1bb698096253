import type { Duplex } from 'node:stream'
import { Fault, asFault } from '../../base/fault.ts'
import { PTY_FRAME, PTY_HEADER_BYTES } from '../../commands/wire.ts'
import type { Attachment, Viewer } from '../../domain/shells/types.ts'

export type PtyFrameKind = (typeof PTY_FRAME)[keyof typeof PTY_FRAME]
export interface PtyFrame {
  kind: PtyFrameKind
  payload: Buffer
}
interface Size {
  columns: number
  rows: number
}

/** The most that one frame may carry. */
export const PTY_FRAME_MAX = 1 << 20

/** One frame. The payload is copied, and at most `PTY_FRAME_MAX` bytes. */
export function frame(kind: PtyFrameKind, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PTY_HEADER_BYTES + payload.length)
  bytes[0] = kind
  bytes.writeUInt32BE(payload.length, 1)
  bytes.set(payload, PTY_HEADER_BYTES)
  return bytes
}

/** Bytes of any length as frames: what does not fit into the first goes on as `data`. */
export function* framesOf(kind: PtyFrameKind, bytes: Uint8Array): Generator<Buffer> {
  yield frame(kind, bytes.subarray(0, PTY_FRAME_MAX))
  for (let at = PTY_FRAME_MAX; at < bytes.length; at += PTY_FRAME_MAX)
    yield frame(PTY_FRAME.data, bytes.subarray(at, at + PTY_FRAME_MAX))
}

export function sizeFrame({ columns, rows }: Size): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt16BE(columns, 0)
  payload.writeUInt16BE(rows, 2)
  return frame(PTY_FRAME.size, payload)
}

export function exitFrame(code: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeInt32BE(code | 0, 0)
  return frame(PTY_FRAME.exit, payload)
}

/** Columns and rows of a `size` frame's payload. */
export function sizeOf(payload: Buffer): Size {
  return { columns: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) }
}

/** Exit code of an `exit` frame's payload. */
export function exitCodeOf(payload: Buffer): number {
  return payload.readInt32BE(0)
}

/**
 * Cuts a stream of bytes into frames. Holds at most one unfinished frame. What is no frame is the Fault `input.invalid`,
 * after which the stream cannot be read on.
 */
export class FrameReader {
  #parts: Buffer[] = []
  #held = 0
  #needed = PTY_HEADER_BYTES

  push(chunk: Uint8Array): PtyFrame[] {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#held += chunk.length
    if (this.#held < this.#needed) return []
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
    this.#held = bytes.length - at
    return frames
  }
}

const KINDS: ReadonlySet<number> = new Set(Object.values(PTY_FRAME))

function header(bytes: Buffer, at: number): { kind: PtyFrameKind; length: number } {
  const kind = bytes[at] as number
  const length = bytes.readUInt32BE(at + 1)
  if (!KINDS.has(kind)) throw garbage(`kind ${kind}`)
  if (length > PTY_FRAME_MAX)
    throw garbage(`${length} bytes in one frame, at most ${PTY_FRAME_MAX}`)
  if ((kind === PTY_FRAME.size || kind === PTY_FRAME.exit) && length !== 4)
    throw garbage(`${length} bytes where 4 belong`)
  return { kind: kind as PtyFrameKind, length }
}

function garbage(what: string): Fault {
  return new Fault(
    'input.invalid',
    `the other side of a terminal does not speak its frames: ${what}`,
    {
      hint: 'The console and the supervisor may be of different versions: `clawdeck supervisor stop`, then start again.',
    },
  )
}

/**
 * The supervisor's end of an attach route: shows a held terminal to whoever is behind `stream` until either goes away.
 * `attach` is the holder's; without a size the viewer only looks and does not set the terminal's size.
 */
export function serveTerminal(
  stream: Duplex,
  attach: (viewer: Viewer, size?: Size) => Attachment,
  size?: Size,
): void {
  const reader = new FrameReader()
  const put = (kind: PtyFrameKind, bytes: Uint8Array) => {
    for (const each of framesOf(kind, bytes)) stream.write(each)
  }
  const attachment = attach(
    {
      data: (bytes) => put(PTY_FRAME.data, bytes),
      reset: (bytes) => put(PTY_FRAME.reset, bytes),
      size: (columns, rows) => {
        stream.write(sizeFrame({ columns, rows }))
      },
      exit: (code) => {
        stream.end(exitFrame(code))
      },
      waiting: () => stream.writableLength,
    },
    size,
  )
  stream.on('drain', () => attachment.drained())
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const { kind, payload } of reader.push(chunk)) {
        if (kind === PTY_FRAME.data) attachment.write(payload)
        else if (kind === PTY_FRAME.size) {
          const { columns, rows } = sizeOf(payload)
          attachment.resize(columns, rows)
        }
      }
    } catch (thrown) {
      stream.destroy(asFault(thrown))
    }
  })
  // A viewer that vanishes is no failure; 'close' follows every error.
  stream.on('error', () => undefined)
  stream.on('end', () => stream.end())
  stream.on('close', () => attachment.close())
}
