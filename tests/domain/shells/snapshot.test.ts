import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawInParts } from '../../../src/domain/shells/snapshot.ts'
import { unfinished } from '../../../src/domain/shells/unfinished.ts'
import { drawings } from '../../support/drawings.ts'
import { emulatorWith, fed, lineCells, seen } from '../../support/screens.ts'

const SIZE = { columns: 24, rows: 7 }

async function redrawn(output: string, history = 1000) {
  const original = await emulatorWith(SIZE, output)
  return { original, copy: await emulatorWith(SIZE, [...drawInParts(original, history)].join('')) }
}

describe('a snapshot', () => {
  it('redraws any screen: cells, pen, cursor, margins and modes', async () => {
    await fc.assert(
      fc.asyncProperty(drawings(SIZE.rows), async (drawing) => {
        const { original, copy } = await redrawn(drawing)
        expect(seen(copy)).toEqual(seen(original))
      }),
      { numRuns: 400 },
    )
  })

  it('redraws the same screen without history', async () => {
    await fc.assert(
      fc.asyncProperty(drawings(SIZE.rows), async (drawing) => {
        const { original, copy } = await redrawn(drawing, 0)
        expect(seen(copy)).toEqual(seen(original))
      }),
      { numRuns: 100 },
    )
  })

  it('behaves like the original afterwards: pending wrap, primary screen, saved cursor', async () => {
    for (const output of [
      `${'x'.repeat(24)}`,
      '\x1b[1;24Hx\x1b[1K',
      'shell$ \x1b[?1049h\x1b[2Jeditor\x1b[5;5H',
      '\x1b[3;4H\x1b7\x1b[1;1H',
      '\x1b[2;5r\x1b[?6h\x1b[2;2H',
      '\x1b[31m\x1b(0q',
    ]) {
      const { original, copy } = await redrawn(output)
      for (const more of ['y\x1b[K', '\x1b8z', '\x1b[?1049lback', '\x1bMq\r\n']) {
        await Promise.all([fed(original, more), fed(copy, more)])
        expect([output, more, seen(copy)]).toEqual([output, more, seen(original)])
      }
    }
  })

  it('preserves the history, and which lines are joined', async () => {
    const { original, copy } = await redrawn(
      `${Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\r\n')}\r\n${'long '.repeat(12)}`,
    )
    expect(copy.buffer.active.length).toBe(original.buffer.active.length)
    for (let y = 0; y < original.buffer.active.length; y++)
      expect(lineCells(copy, y)).toBe(lineCells(original, y))
    for (const each of [original, copy]) each.resize(30, 7)
    expect(seen(copy)).toEqual(seen(original))
  })
})

describe('what is unfinished', () => {
  it('lets a viewer join within a sequence or a character', async () => {
    const output = Buffer.from('ab\x1b[31mré😀d\x1b]0;a title\x1b\\\x1b[2;3Hzz\x1b[48;2;1;2;3mq')
    for (let at = 1; at < output.length; at++) {
      const original = await emulatorWith(SIZE, '')
      let tail: Buffer = Buffer.alloc(0)
      for (const part of [output.subarray(0, at >> 1), output.subarray(at >> 1, at)]) {
        await fed(original, part)
        tail = unfinished(original, tail, part)
      }
      const copy = await emulatorWith(
        SIZE,
        Buffer.concat([Buffer.from([...drawInParts(original, 0)].join('')), tail]),
      )
      await Promise.all([fed(original, output.subarray(at)), fed(copy, output.subarray(at))])
      expect([at, seen(copy)]).toEqual([at, seen(original)])
    }
  })

  it('is bounded', async () => {
    const original = await emulatorWith(SIZE, '')
    let tail: Buffer = Buffer.alloc(0)
    for (const part of [
      Buffer.from('\x1b]52;c;'),
      Buffer.alloc(100_000, 'A'),
      Buffer.alloc(100_000, 'B'),
    ]) {
      await fed(original, part)
      tail = unfinished(original, tail, part)
    }
    expect(tail.length).toBeLessThanOrEqual(4096)
    expect(tail.toString('latin1', 0, 7)).toBe('\x1b]52;c;')
  })
})
