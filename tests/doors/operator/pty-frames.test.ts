import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PTY_FRAME } from '../../../src/commands/wire.ts'
import {
  exitCodeIn,
  exitFrame,
  FrameReader,
  framesOf,
  sizeFrame,
  sizeIn,
} from '../../../src/doors/operator/pty-frames.ts'

const kinds = fc.constantFrom(PTY_FRAME.data, PTY_FRAME.reset)
const anyFrames = fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })), { maxLength: 20 })

/** `bytes` cut at the given places, wherever those fall. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  )
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

describe('terminal frames', () => {
  it('are read as they were written, however the stream is split', () => {
    fc.assert(
      fc.property(anyFrames, fc.array(fc.nat(), { maxLength: 30 }), (frames, places) => {
        const reader = new FrameReader()
        const read = cut(
          Buffer.concat(frames.flatMap(([kind, payload]) => [...framesOf(kind, payload)])),
          places,
        ).flatMap((part) => reader.push(part))
        expect(
          read.map(({ kind, payload }) => [kind, Buffer.from(payload).toString('hex')]),
        ).toEqual(frames.map(([kind, payload]) => [kind, Buffer.from(payload).toString('hex')]))
      }),
    )
  })

  it('carry sizes and exit codes', () => {
    const [size, exit] = new FrameReader().push(
      Buffer.concat([sizeFrame({ columns: 200, rows: 50 }), exitFrame(-1)]),
    )
    expect(size && sizeIn(size.payload)).toEqual({ columns: 200, rows: 50 })
    expect(exit && exitCodeIn(exit.payload)).toBe(-1)
  })

  it('split long content without loss', () => {
    const bytes = Buffer.alloc(2 * 1024 * 1024 + 7, 'x')
    const reader = new FrameReader()
    const read = [...framesOf(PTY_FRAME.reset, bytes)].flatMap((each) => reader.push(each))
    expect(read.map(({ kind }) => kind)).toEqual([PTY_FRAME.reset, PTY_FRAME.data, PTY_FRAME.data])
    expect(Buffer.concat(read.map(({ payload }) => payload)).equals(bytes)).toBe(true)
  })

  it.each([
    ['an unknown kind', Buffer.from([9, 0, 0, 0, 0])],
    ['a length beyond the limit', Buffer.from([0, 0xff, 0, 0, 0])],
    ['a size of the wrong length', Buffer.concat([...framesOf(PTY_FRAME.size, Buffer.alloc(3))])],
  ])('refuse %s', (_, bytes) => {
    expect(() => new FrameReader().push(bytes)).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    )
  })
})
