import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Float,
  fixed2,
  floatText,
  normalizeText,
  pythonString,
  truncate,
  wholeWord,
} from '../../src/clawpolicy/text.ts'
import { parseTime, isoTimestamp } from '../../src/clawpolicy/times.ts'

describe('text', () => {
  it.each<[number, string]>([
    [1, '1.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e15, '1000000000000000.0'],
    [0.1 + 0.2, '0.30000000000000004'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-2.5, '-2.5'],
    [100, '100.0'],
    [1234.5, '1234.5'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [9999999999999998, '9999999999999998.0'],
    [0.00012, '0.00012'],
  ])('%d is %s', (value, text) => expect(floatText(value)).toBe(text))

  it('a float reads back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(Number(floatText(value))).toBe(value)
      }),
    )
  })

  it.each([
    [0.125, '0.12'],
    [0.375, '0.38'],
    [0.625, '0.62'],
    [2.675, '2.67'],
    [1, '1.00'],
    [-0.125, '-0.12'],
    [0.005, '0.01'],
    [-0, '-0.00'],
    [0.7999999999999999, '0.80'],
  ])('%d with two decimals is %s', (value, text) => expect(fixed2(value)).toBe(text))

  it.each([
    ['  A\u0085b\u001c C\u3000', 'a b c'],
    ['\ufeffA', '\ufeffa'],
    ['', ''],
    [' \t\n', ''],
  ])('%j is %j when normal', (text, normal) => expect(normalizeText(text)).toBe(normal))

  it('words are whole in any script', () => {
    expect(
      ['rm x', 'a rm', 'rm文件', 'rm_x', 'form', 'x-rm-y'].map((text) =>
        wholeWord('rm').test(text),
      ),
    ).toEqual([true, true, false, false, false, true])
  })

  it('counts code points', () =>
    expect([truncate('😀😀😀', 2), truncate('abc', 5), truncate('a😀b', 2)]).toEqual([
      '😀😀',
      'abc',
      'a😀',
    ]))

  it.each<[unknown, string]>([
    [null, 'None'],
    [true, 'True'],
    [new Float(1), '1.0'],
    [1, '1'],
    [1.5, '1.5'],
    ['x', 'x'],
    [['rm'], "['rm']"],
    [["it's"], '["it\'s"]'],
    [['a\'"b'], "['a\\'\"b']"],
    [{ a: [1, null] }, "{'a': [1, None]}"],
    [['\n\u0000é\u200b'], "['\\n\\x00é\\u200b']"],
    [[], '[]'],
  ])('%j is printed %s', (value, text) => expect(pythonString(value)).toBe(text))
})

describe('times', () => {
  it.each([
    [1772884800123456, '2026-03-07T12:00:00.123456+00:00'],
    [1772884800000000, '2026-03-07T12:00:00+00:00'],
    [1772884800000001, '2026-03-07T12:00:00.000001+00:00'],
  ])('%d is %s', (micros, text) => {
    expect(isoTimestamp(micros)).toBe(text)
    expect(parseTime(text)).toEqual({ micros, naive: false })
  })

  it.each<[string, number, boolean]>([
    ['2026-03-07T12:00:00Z', 1772884800000000, false],
    ['2026-03-07T13:00:00+01:00', 1772884800000000, false],
    ['2026-03-07 12:00', 1772884800000000, true],
    ['2026-03-07', 1772841600000000, true],
    ['', -Infinity, false],
    ['soon', -Infinity, false],
    ['2026-02-30T00:00:00Z', -Infinity, false],
    ['2026-03-07T24:00:00Z', -Infinity, false],
    ['2026-13-01', -Infinity, false],
  ])('%j is %d', (text, micros, naive) => expect(parseTime(text)).toEqual({ micros, naive }))
})
