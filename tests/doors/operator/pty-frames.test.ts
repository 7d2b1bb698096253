import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PTY_FRAME } from '../../../src/commands/wire.ts'
import {
  FrameReader,
  PTY_FRAME_MAX,
  exitCodeOf,
  exitFrame,
  frame,
  framesOf,
  sizeFrame,
  sizeOf,
} from '../../../src/doors/operator/pty-frames.ts'
import type { PtyFrame, PtyFrameKind } from '../../../src/doors/operator/pty-frames.ts'

const kinds = fc.constantFrom<PtyFrameKind>(PTY_FRAME.data, PTY_FRAME.reset)
const anyFrames = fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })), { maxLength: 20 })

/** `bytes` cut at the given places, wherever those fall. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  )
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

describe('terminal frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(anyFrames, fc.array(fc.nat(), { maxLength: 30 }), (frames, places) => {
        const reader = new FrameReader()
        const read: PtyFrame[] = cut(
          Buffer.concat(frames.map(([kind, payload]) => frame(kind, payload))),
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
    expect(size && sizeOf(size.payload)).toEqual({ columns: 200, rows: 50 })
    expect(exit && exitCodeOf(exit.payload)).toBe(-1)
  })

  it('split what is too long for one, and lose nothing', () => {
    const bytes = Buffer.alloc(PTY_FRAME_MAX * 2 + 7, 'x')
    const reader = new FrameReader()
    const read = [...framesOf(PTY_FRAME.reset, bytes)].flatMap((each) => reader.push(each))
    expect(read.map(({ kind }) => kind)).toEqual([PTY_FRAME.reset, PTY_FRAME.data, PTY_FRAME.data])
    expect(Buffer.concat(read.map(({ payload }) => payload)).equals(bytes)).toBe(true)
  })

  it.each([
    ['an unknown kind', Buffer.from([9, 0, 0, 0, 0])],
    ['a length beyond the limit', Buffer.from([0, 0xff, 0, 0, 0])],
    ['a size of the wrong length', frame(PTY_FRAME.size, Buffer.alloc(3))],
  ])('refuse %s', (_, bytes) => {
    expect(() => new FrameReader().push(bytes)).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    )
  })
})
