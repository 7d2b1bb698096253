import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineSplitter, MAX_LINE_CHARS } from '../../src/adapters/line-splitter.ts'

it('gives the same lines however the text is cut into parts', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      const splitter = new LineSplitter()
      const lines = parts.flatMap((part) => splitter.push(part))
      expect(lines).toEqual(parts.join('').split('\n').slice(0, -1))
    }),
  )
})

it('gives a line that is too long once, at once, and drops the rest of it', () => {
  const splitter = new LineSplitter()
  const half = 'x'.repeat(MAX_LINE_CHARS / 2)
  expect(splitter.push(half)).toEqual([])
  expect(splitter.push(half)).toEqual([])
  expect(splitter.push('y')).toEqual([`${half}${half}y`])
  expect(splitter.push(half)).toEqual([])
  expect(splitter.push('z\nnext\n')).toEqual(['next'])
})
