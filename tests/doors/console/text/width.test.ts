import fc from 'fast-check'
import measured from 'string-width'
import { expect, test } from 'vitest'
import { openEmulator } from '../../../../src/base/emulator.ts'
import { plain } from '../../../../src/base/text.ts'
import { PLAIN } from '../../../../src/doors/console/text/plain-cells.ts'
import { width } from '../../../../src/doors/console/text/width.ts'

test('each plain unit takes one cell, alone and among its like', () => {
  const units = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (unit) => PLAIN.test(unit),
  )
  expect(units.length).toBeGreaterThan(1000)
  expect(units.filter((unit) => measured(unit) !== 1)).toEqual([])
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...units)), (some) => {
      expect(measured(some.join(''))).toBe(some.length)
    }),
  )
})

test('what is shown of a text is as wide as a terminal counts it', async () => {
  const terminal = await openEmulator({ columns: 80, rows: 2 }, 0)
  const { unicodeService } = (terminal as unknown as { _core: Core })._core
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      const shown = plain(text)
      const cells = [...shown].map((char) => unicodeService.wcwidth(char.codePointAt(0) ?? 0))
      expect(width(shown)).toBe(cells.reduce((a, b) => a + b, 0))
    }),
    { numRuns: 500 },
  )
  terminal.dispose()
})

interface Core {
  unicodeService: { wcwidth(code: number): number }
}
