import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNow, sliceEnd } from '../../src/base/emulator-bounds.ts'
import { bounded } from '../../src/base/emulator.ts'
import { emulatorWith, fed, seen } from '../support/screens.ts'

const SIZE = { columns: 20, rows: 5 }

describe('an emulator', () => {
  it('erases from the bottom right corner, where the library would throw', async () => {
    const terminal = await emulatorWith(SIZE, 'one\r\ntwo\x1b[41m\x1b[999;999H\x1b[1J')
    expect(seen(terminal)).toMatchObject({
      rows: Array.from({ length: 5 }, () => `{0;41}${'␣'.repeat(19)} `),
      cursor: [19, 4],
    })
    await fed(terminal, '\x1b[?1049h\x1b[999;999H\x1b[1Jgoes on')
    expect(terminal.buffer.active.type).toBe('alternate')
  })

  it('survives any bytes, and continues after them', async () => {
    const hostile = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(
            fc.constantFrom('', '?', '>', '!'),
            fc.array(fc.integer({ min: 0, max: 99_999 }), { maxLength: 4 }),
            fc.constantFrom('', ' ', '$', '"'),
            fc.integer({ min: 0x40, max: 0x7e }),
          )
          .map(([prefix, params, between, final]) =>
            Buffer.from(`\x1b[${prefix}${params.join(';')}${between}${String.fromCharCode(final)}`),
          ),
        fc
          .constantFrom('\x1b]', '\x1bP', '\x1b_', '\x1b\\', '\x07', '\x1bc', '\x18', '你', '🙂')
          .map((text) => Buffer.from(text)),
      ),
      { maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (parts) => {
        const terminal = await emulatorWith(SIZE, Buffer.concat(parts))
        await fed(terminal, '\x18\x1bc\x1b[Hready')
        expect(
          terminal.buffer.active.getLine(terminal.buffer.active.baseY)?.translateToString(true),
        ).toBe('ready')
      }),
      { numRuns: 300 },
    )
  })

  it.each([...'LMST@PXIZb'])(
    'repeats CSI %s no more often than the screen has room for',
    async (final) => {
      const start = `a\x1b[2;1Hbc\r\n\r\nd${'e'.repeat(25)}\x1b[2;2H`
      const [endless, enough] = [
        await emulatorWith(SIZE, `${start}\x1b[2147483647${final}`),
        await emulatorWith(SIZE, `${start}\x1b[100${final}`),
      ]
      expect(seen(endless)).toEqual(seen(enough))
    },
  )

  it('stores no more of the output than it shows', async () => {
    const terminal = await emulatorWith(
      SIZE,
      `e${'\u0301'.repeat(100_000)}${'\x1b]8;;http://x\x07'.repeat(1000)}\x1b]2;${'t'.repeat(100_000)}\x07f`,
    )
    expect(terminal.buffer.active.getLine(0)?.getCell(0)?.getChars()).toBe(
      `e${'\u0301'.repeat(31)}`,
    )
    expect(terminal.markers).toEqual([])
    expect(terminal.buffer.active.cursorX).toBe(2)
  })

  it('answers status requests of bounded length only', async () => {
    const terminal = await emulatorWith(SIZE, '')
    const answers: string[] = []
    terminal.onData((answer) => answers.push(answer))
    await fed(terminal, `\x1bP$qm\x1b\\\x1bP$q${'m'.repeat(100_000)}\x1b\\\x1bP$qr\x1b\\`)
    expect(answers).toEqual(['\x1bP1$r0m\x1b\\', '\x1bP1$r1;5r\x1b\\'])
  })

  it('shows expensive output the same when it is read in slices', async () => {
    const bytes = Buffer.from(`${'你\x1b[31mab\x1b[3L\x1bc'.repeat(3000)}\u009b2;3Hx`)
    const whole = await emulatorWith({ columns: 200, rows: 50 }, bytes.toString())
    const sliced = await emulatorWith({ columns: 200, rows: 50 }, '')
    let slices = 0
    for (let from = 0; from < bytes.length; slices++) {
      const to = sliceEnd(sliced, bytes, from)
      expect(bytes.subarray(from, to).filter((byte) => byte === 0x1b).length).toBeLessThanOrEqual(
        16,
      )
      readNow(sliced, bytes.subarray(from, to))
      from = to
    }
    expect(slices).toBeGreaterThan(500)
    expect(seen(sliced)).toEqual(seen(whole))
  })

  it('shows an emoji in two columns', async () => {
    expect(seen(await emulatorWith(SIZE, '🙂x'))).toMatchObject({ cursor: [3, 0] })
  })

  it('has a bounded size', () => {
    expect(bounded({ columns: 1e9, rows: -1 })).toEqual({ columns: 1000, rows: 1 })
    expect(bounded({ columns: Number.NaN, rows: 24.9 })).toEqual({ columns: 2, rows: 24 })
  })
})
