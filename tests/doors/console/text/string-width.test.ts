import fc from 'fast-check'
import { createRequire } from 'node:module'
import measured from 'string-width'
import { expect, test, vi } from 'vitest'
import { makeSegmentersLate } from '../../../../src/doors/console/text/late-segmenter.ts'
import { PLAIN } from '../../../../src/doors/console/text/plain-cells.ts'
import shortcut from '../../../../src/doors/console/text/string-width.ts'
import { width } from '../../../../src/doors/console/text/width.ts'

test('each plain unit takes one cell, alone and among its like', () => {
  const plain = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((unit) => PLAIN.test(unit))
  expect(plain.length).toBeGreaterThan(1000)
  expect(plain.filter((unit) => measured(unit) !== 1)).toEqual([])
  fc.assert(fc.property(fc.array(fc.constantFrom(...plain)), (units) => { expect(measured(units.join(''))).toBe(units.length) }))
})

test('a text is as wide as the package says, whatever is in it', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('a', '…', '⚠', '⚠\ufe0f', '\ufe0f', '\u0301', '世', '👍', '\u200d', '#', '\u20e3', '✓', '⏸', '\u00ad')), (parts) => {
    const text = parts.join('')
    expect(width(text)).toBe(measured(text))
  }))
})

test('what stands for the package in the program measures as it does, coloured or not', () => {
  vi.stubGlobal('require', createRequire(new URL('../../../../src/doors/console/text/', import.meta.url)))
  try {
    const part = fc.constantFrom('a ', '…', '⚠', '⚠\ufe0f', '世', '\u0301', '\u001b[1m', '\u001b[38;2;1;2;3m', '\u001b[2K', '\u001b', '\u001b]8;;x\u0007', '✓')
    const options = fc.record({ ambiguousIsNarrow: fc.boolean(), countAnsiEscapeCodes: fc.boolean() }, { requiredKeys: [] })
    fc.assert(fc.property(fc.array(part), options, (parts, asked) => {
      expect(shortcut(parts.join(''), asked)).toBe(measured(parts.join(''), asked))
    }))
  } finally {
    vi.unstubAllGlobals()
  }
})

test('a segmenter that is late says the same', () => {
  const Real = Intl.Segmenter
  const now = new Real('en', { granularity: 'word' })
  makeSegmentersLate()
  try {
    const late = new Intl.Segmenter('en', { granularity: 'word' })
    expect(late).not.toBeInstanceOf(Real)
    expect([...late.segment('a 👍🏽 b')]).toEqual([...now.segment('a 👍🏽 b')])
    expect(late.resolvedOptions()).toEqual(now.resolvedOptions())
    expect(Intl.Segmenter.supportedLocalesOf('en')).toEqual(Real.supportedLocalesOf('en'))
  } finally {
    Object.defineProperty(Intl, 'Segmenter', { value: Real, writable: true, configurable: true })
  }
})
