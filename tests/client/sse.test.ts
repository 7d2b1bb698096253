import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SseReader, type SseFrame } from '../../src/client/core/sse.ts'

/** What is read of a text that comes in pieces of this size. */
function readIn(size: number, text: string) {
  const reader = new SseReader()
  const frames: SseFrame[] = []
  for (let at = 0; at < text.length; at += size)
    frames.push(...reader.read(text.slice(at, at + size)))
  return { frames: frames.map(({ event, data }) => ({ event, data })), reader }
}

describe('server-sent events', () => {
  test.each([
    ['a frame', 'event: a\ndata: {"x":1}\n\n', [{ event: 'a', data: '{"x":1}' }]],
    [
      'other line ends',
      'event:a\r\ndata:x\r\n\r\ndata: y\r\r',
      [
        { event: 'a', data: 'x' },
        { event: 'message', data: 'y' },
      ],
    ],
    [
      'lines of data',
      'data: one\ndata:  two\ndata\n\n',
      [{ event: 'message', data: 'one\n two\n' }],
    ],
    [
      'comments and unknown fields',
      ': hello\nfoo: bar\nbaz\n\ndata: x\n\n',
      [{ event: 'message', data: 'x' }],
    ],
    ['a name without data', 'event: a\n\ndata: x\n\n', [{ event: 'message', data: 'x' }]],
    ['a frame that is not complete', 'data: x\n', []],
  ])('reads %s, in pieces of any size', (_what, text, expected) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(readIn(size, text).frames).toEqual(expected)
  })

  test('keeps the cursor and the pause that the server wants', () => {
    const { reader } = readIn(3, 'id: 7\nretry: 250\ndata: x\n\nretry: soon\nid: 8\0\n\n')
    expect([reader.lastEventId, reader.retryMs]).toEqual(['7', 250])
    reader.read('data: half')
    reader.reset()
    expect(reader.read('\n\ndata: y\n\n')).toEqual([{ event: 'message', data: 'y', id: '7' }])
    expect(reader.lastEventId).toBe('7')
  })

  test('reads what was written, however it is cut', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, ''))
    const frames = fc.array(fc.record({ event: line, lines: fc.array(line, { minLength: 1 }) }))
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 9 }), (written, size) => {
        const text = written
          .map(
            ({ event, lines }) =>
              `event: ${event}\n${lines.map((data) => `data: ${data}\n`).join('')}\n`,
          )
          .join('')
        expect(readIn(size, text).frames).toEqual(
          written.map(({ event, lines }) => ({
            event: event || 'message',
            data: lines.join('\n'),
          })),
        )
      }),
    )
  })

  test('does not keep an event that never ends', () => {
    const reader = new SseReader()
    const lines = (): void => {
      for (let i = 0; i < 6; i++) reader.read(`data: ${'x'.repeat(1024 * 1024)}\n`)
    }
    expect(lines).toThrow('event too large')
    expect(() => new SseReader().read('x'.repeat(5 * 1024 * 1024))).toThrow('event too large')
  })
})
