import { expect, test } from 'vitest'
import fc from 'fast-check'
import { updateLine } from '../../../src/doors/console/deck-painter.ts'
import { slice, uncovered } from '../../../src/doors/console/text/slice.ts'
import { width } from '../../../src/doors/console/text/width.ts'

const bare = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, '')

test('a slice has the requested cells with their styles', () => {
  const line = '\u001b[1mab\u001b[22m\u001b[31mcdef\u001b[39mgh'
  expect(slice(line, { from: 3, to: 5 })).toBe('\u001b[1m\u001b[22m\u001b[31mde\u001b[0m')
  expect(slice(line, { from: 0, to: 1 })).toBe('\u001b[1ma\u001b[0m')
  expect(slice(line, { from: 8, to: 12 })).toBe('')
  expect(bare(slice('a世b', { from: 0, to: 2 }))).toBe('a ')
  expect(bare(slice('a世b', { from: 2, to: 4 }))).toBe(' b')
})

test('adjacent slices are together as wide as the line', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b ', '世', '\u001b[1m', '\u001b[22m', 'é', '👍'), {
        maxLength: 30,
      }),
      fc.nat(40),
      (parts, cut) => {
        const line = parts.join('')
        const wide = width(bare(line))
        const at = Math.min(cut, wide)
        expect(width(bare(slice(line, { from: 0, to: at })))).toBe(at)
        expect(width(bare(slice(line, { from: at, to: wide })))).toBe(wide - at)
      },
    ),
  )
})

test('covered cells are removed', () => {
  expect(
    uncovered({ from: 0, to: 10 }, [
      { from: 2, to: 4 },
      { from: 8, to: 20 },
    ]),
  ).toEqual([
    { from: 0, to: 2 },
    { from: 4, to: 8 },
  ])
  expect(uncovered({ from: 0, to: 10 }, [{ from: 0, to: 10 }])).toEqual([])
  expect(uncovered({ from: 5, to: 10 }, [{ from: 0, to: 5 }])).toEqual([{ from: 5, to: 10 }])
})

test('an unchanged line costs nothing', () => {
  expect(updateLine('same', 'same', 1, 1)).toBe('')
})
