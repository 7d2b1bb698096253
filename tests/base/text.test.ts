import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openEmulator } from '../../src/base/emulator.ts'
import { jsonLine, plain } from '../../src/base/text.ts'
import { width } from '../../src/doors/console/text/width.ts'

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

describe('untrusted text on a terminal', () => {
  /** Every code point that can be in a text, as it is shown. */
  const everything = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  )

  it('shows all that is ignorable, format, unassigned, private or a blank as a mark', () => {
    const hidden = /[\p{C}\p{Z}\p{Me}\p{Default_Ignorable_Code_Point}\u2800]/u
    const passed = everything
      .map((code) => String.fromCodePoint(code))
      .filter((char) => char !== ' ' && hidden.test(char) && plain(`x${char}`) === `x${char}`)
    expect(passed).toEqual([])
  })

  it('is as wide as terminals count it, whatever code point it holds', async () => {
    const terminal = await openEmulator({ columns: 80, rows: 2 }, 0)
    const { unicodeService } = (terminal as unknown as { _core: Core })._core
    const wrong = everything.filter((code) => {
      const shown = plain(`x${String.fromCodePoint(code)}`)
      const cells = [...shown].reduce(
        (n, c) => n + unicodeService.wcwidth(c.codePointAt(0) ?? 0),
        0,
      )
      return width(shown) !== cells
    })
    terminal.dispose()
    expect(wrong.map((code) => code.toString(16))).toEqual([])
  })

  it('piles no marks upon a letter, and begins with none', () => {
    expect(plain('\u0301a')).toBe('�a')
    expect(plain(`a${'\u0301'.repeat(9)}`)).toBe(`a${'\u0301'.repeat(3)}${'�'.repeat(6)}`)
  })

  it('leaves what people read unchanged', () => {
    for (const text of [
      'größe',
      'naïve é',
      '文字',
      'שלום',
      'Привет',
      '→ ✓ ⚠ ▸ ░',
      '🙂 🚀',
      'tiếng Việt',
    ])
      expect(plain(text)).toBe(text)
  })
})

interface Core {
  unicodeService: { wcwidth(code: number): number }
}
