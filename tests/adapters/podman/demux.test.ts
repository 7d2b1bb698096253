import fc from 'fast-check'
import { expect, it } from 'vitest'
import { demux } from '../../../src/adapters/podman/demux.ts'

const frame = (stream: number, text: string): Buffer => {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

async function* pieces(bytes: Buffer, cuts: number[]): AsyncGenerator<Buffer> {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  for (const [i, from] of [0, ...at].entries()) yield bytes.subarray(from, at[i] ?? bytes.length)
}

it('finds the same output however the bytes are split', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string()), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      async (frames, cuts) => {
        const said = { stdout: '', stderr: '' }
        for await (const each of demux(
          pieces(Buffer.concat(frames.map(([stream, text]) => frame(stream, text))), cuts),
        ))
          said[each.stream] += each.data.toString('latin1')
        const wanted = (stream: number): string =>
          frames
            .filter(([which]) => which === stream)
            .map(([, text]) => Buffer.from(text).toString('latin1'))
            .join('')
        expect(said).toEqual({ stdout: wanted(1), stderr: wanted(2) })
      },
    ),
  )
})

it('refuses a frame that is too large instead of waiting for it', async () => {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(0xffffffff, 4)
  await expect(demux(pieces(header, [])).next()).rejects.toMatchObject({ code: 'backend.failed' })
})
