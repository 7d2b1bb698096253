import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounded } from '../../src/base/emulator.ts'
import { emulatorWith, fed, seen } from '../support/screens.ts'

const SIZE = { columns: 20, rows: 5 }

describe('an emulator', () => {
  it('takes an erase from the last corner, which its parser would trip over', async () => {
    const terminal = await emulatorWith(SIZE, 'one\r\ntwo\x1b[41m\x1b[999;999H\x1b[1J')
    expect(seen(terminal)).toMatchObject({ rows: Array.from({ length: 5 }, () => `{0;41}${'␣'.repeat(19)} `), cursor: [19, 4] })
    await fed(terminal, '\x1b[?1049h\x1b[999;999H\x1b[1Jgoes on')
    expect(terminal.buffer.active.type).toBe('alternate')
  })

  it('survives any bytes, and reads on after them', async () => {
    const hostile = fc.array(fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.constantFrom('', '?', '>', '!'), fc.array(fc.integer({ min: 0, max: 99_999 }), { maxLength: 4 }), fc.constantFrom('', ' ', '$', '"'), fc.integer({ min: 0x40, max: 0x7e }))
        .map(([prefix, params, between, final]) => Buffer.from(`\x1b[${prefix}${params.join(';')}${between}${String.fromCharCode(final)}`)),
      fc.constantFrom('\x1b]', '\x1bP', '\x1b_', '\x1b\\', '\x07', '\x1bc', '\x18', '你', '🙂').map((text) => Buffer.from(text)),
    ), { maxLength: 40 })
    await fc.assert(fc.asyncProperty(hostile, async (parts) => {
      const terminal = await emulatorWith(SIZE, Buffer.concat(parts))
      await fed(terminal, '\x18\x1bc\x1b[Hready')
      expect(terminal.buffer.active.getLine(terminal.buffer.active.baseY)?.translateToString(true)).toBe('ready')
    }), { numRuns: 300 })
  })

  it('gives an emoji two columns', async () => {
    expect(seen(await emulatorWith(SIZE, '🙂x'))).toMatchObject({ cursor: [3, 0] })
  })

  it('has a bounded size', () => {
    expect(bounded({ columns: 1e9, rows: -1 })).toEqual({ columns: 1000, rows: 1 })
    expect(bounded({ columns: Number.NaN, rows: 24.9 })).toEqual({ columns: 2, rows: 24 })
  })
})
