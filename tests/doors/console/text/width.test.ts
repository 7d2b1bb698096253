import fc from 'fast-check'
import measured from 'string-width'
import { expect, test } from 'vitest'
import { PLAIN } from '../../../../src/doors/console/text/plain-cells.ts'
import { width } from '../../../../src/doors/console/text/width.ts'

test('each plain unit takes one cell, alone and among its like', () => {
  const plain = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (unit) => PLAIN.test(unit),
  )
  expect(plain.length).toBeGreaterThan(1000)
  expect(plain.filter((unit) => measured(unit) !== 1)).toEqual([])
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...plain)), (units) => {
      expect(measured(units.join(''))).toBe(units.length)
    }),
  )
})

test('a text is as wide as the package says, whatever is in it', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'a',
          '…',
          '⚠',
          '⚠\ufe0f',
          '\ufe0f',
          '\u0301',
          '世',
          '👍',
          '\u200d',
          '#',
          '\u20e3',
          '✓',
          '⏸',
          '\u00ad',
        ),
      ),
      (parts) => {
        const text = parts.join('')
        expect(width(text)).toBe(measured(text))
      },
    ),
  )
})
