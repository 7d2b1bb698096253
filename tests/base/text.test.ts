import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLine, plain } from '../../src/base/text.ts'

describe('a line of JSON', () => {
  it('parses to the same value as plain JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonLine(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(jsonLine({ text }))).toEqual({
          text: JSON.parse(JSON.stringify(text)) as string,
        })
      }),
    )
  })

  it('contains nothing that a terminal would interpret or hide', () => {
    const hostile = '\u001b[2J\u009b2J\u0085\u007f\u2028\u202e\u200b\u2066\ufeff\u00ad\u{e0041}\n'
    expect(jsonLine({ [hostile]: hostile })).toMatch(/^[\x20-\x7e]+\n$/)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine(text).slice(0, -1)
        expect(plain(line, Infinity)).toBe(line)
      }),
    )
  })

  it('leaves readable text unchanged', () => {
    expect(jsonLine({ größe: '文 → ✓ 🙂' })).toBe('{"größe":"文 → ✓ 🙂"}\n')
  })
})
