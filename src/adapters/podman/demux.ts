import { Fault } from '../../base/fault.ts'

const HEADER_BYTES = 8
const MAX_FRAME_BYTES = 16 * 1024 * 1024

interface OutputFrame {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

/**
 * Splits multiplexed output into its frames: a stream number, three zero bytes, the length (32 bit,
 * big endian), and the data, which is not copied when it arrives in one piece.
 */
export async function* demux(source: AsyncIterable<Buffer>): AsyncGenerator<OutputFrame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const part of source) {
    rest = rest.length > 0 ? Buffer.concat([rest, part]) : part
    for (;;) {
      if (rest.length < HEADER_BYTES) break
      const size = rest.readUInt32BE(4)
      if (size > MAX_FRAME_BYTES)
        throw new Fault('backend.failed', 'Podman sent a frame that is too large')
      if (rest.length < HEADER_BYTES + size) break
      yield {
        stream: rest[0] === 2 ? 'stderr' : 'stdout',
        data: rest.subarray(HEADER_BYTES, HEADER_BYTES + size),
      }
      rest = rest.subarray(HEADER_BYTES + size)
    }
  }
}
