import { Fault } from '../../base/fault.ts'

const HEADER = 8
const LARGEST_FRAME = 16 * 1024 * 1024

/** One piece of an exec's output, as the engine frames it. */
export interface Frame {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

/** Splits the engine's framing (stream number, three zero bytes, length, data) without copying what is whole. */
export async function* demux(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const part of source) {
    rest = rest.length > 0 ? Buffer.concat([rest, part]) : part
    for (;;) {
      if (rest.length < HEADER) break
      const size = rest.readUInt32BE(4)
      if (size > LARGEST_FRAME)
        throw new Fault('backend.failed', 'Podman sent a frame that is too large')
      if (rest.length < HEADER + size) break
      yield {
        stream: rest[0] === 2 ? 'stderr' : 'stdout',
        data: rest.subarray(HEADER, HEADER + size),
      }
      rest = rest.subarray(HEADER + size)
    }
  }
}
