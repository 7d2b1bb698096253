import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { withoutExtras } from '../../src/clawpolicy/files/write.ts'
import { writeEvent } from '../../src/clawpolicy/files/write.ts'
import { writePlaybooks } from '../../src/clawpolicy/files/write.ts'
import { writeRules } from '../../src/clawpolicy/files/write.ts'
import {
  JsonError,
  byCodePoints,
  readJson,
  writeJson,
  type Json,
} from '../../src/clawpolicy/files/json.ts'
import {
  newEvent,
  newRule,
  showEvent,
  showPlaybook,
  showRule,
  newPlaybook,
} from '../../src/clawpolicy/files/records.ts'
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
import { someRules } from './arbitrary.ts'
import { readEvents, readPlaybooks, readRules } from './parts.ts'

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

describe('json', () => {
  it.each([
    '{"b": 1, "a": 1.0, "1": [], "0": {}}',
    '[1e-05, 1e+16, -1, 12345678901234567890, -0.0]',
    '"é\\u0001\\"\\\\\\n\u2028"',
    '{}',
    '[]',
    'null',
  ])('%s stays as it is', (text) => {
    expect(writeJson(readJson(text))).toBe(text)
  })

  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.string(),
      fc.integer(),
      fc.bigInt({ min: 2n ** 60n, max: 2n ** 80n }),
      fc.double({ noNaN: true }).map((value) => new Float(value)),
      fc.array(tie('value')),
      fc.array(fc.tuple(fc.string(), tie('value'))).map((entries): Json => new Map(entries)),
    ),
  })).value

  it('any value comes back the same, on one line, indented or sorted', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(readJson(writeJson(value))).toEqual(value)
        expect(readJson(writeJson(value, { indent: 2 }))).toEqual(value)
        expect(writeJson(readJson(writeJson(value, { sorted: true })), { sorted: true })).toBe(
          writeJson(value, { sorted: true }),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with the platform on what is JSON at all', () => {
    const bits = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '1',
      '-',
      '.',
      '0',
      'e5',
      'null',
      'true',
      ' ',
      '\n',
      '"',
      '\\',
      '\t',
    )
    const read = <T>(run: () => T) => {
      try {
        run()
        return true
      } catch (thrown) {
        return thrown instanceof JsonError || thrown instanceof SyntaxError ? false : thrown
      }
    }
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        expect(read(() => readJson(parts.join('')))).toBe(read(() => JSON.parse(parts.join(''))))
      }),
      { numRuns: 1500 },
    )
  })

  it('is bounded in depth', () =>
    expect(() => readJson('['.repeat(100_000))).toThrow('nested too deeply'))

  it('sorts keys by code points', () =>
    expect(['\u{1f600}', '\uffee', 'a', 'ab', ''].toSorted(byCodePoints)).toEqual([
      '',
      'a',
      'ab',
      '\uffee',
      '\u{1f600}',
    ]))
})

describe('files', () => {
  it('an empty store is two bytes', () => expect(writeRules(new Map())).toBe('{}'))

  it('rules are laid out as the format says', () => {
    const text = writeRules(new Map([['r', newRule({ id: 'r', trigger: ['é'] })]]))
    expect(
      text.startsWith(
        '{\n  "r": {\n    "id": "r",\n    "type": "Rule",\n    "summary": "",\n    "category": "innovate",\n    "trigger": [\n      "é"\n    ],\n    "strategy": "",\n    "preconditions": [],',
      ),
    ).toBe(true)
    expect(text).toContain(
      '\n    "confidence": 0.0,\n    "success_streak": 0,\n    "status": "hint",',
    )
    expect(text.endsWith('"\n  }\n}')).toBe(true)
    expect(Object.keys((JSON.parse(text) as { r: object }).r)).toHaveLength(29)
  })

  it('a round trip loses nothing', () => {
    fc.assert(
      fc.property(someRules, fc.boolean(), (rules, corrected) => {
        const map = new Map(rules.map((rule, i) => [`${i % 2 === 0 ? i : `k${i}`}`, rule]))
        const text = writeRules(map)
        const { records, notes } = readRules(text, corrected ? CORRECTED : ORIGINAL)
        expect([...records]).toEqual([...map])
        expect(notes).toEqual([])
        expect(writeRules(records)).toBe(text)
      }),
      { numRuns: 200 },
    )
  })

  it('keeps unknown keys, numbers of the other kind, and keys that are not ids', () => {
    const { records } = readRules(
      '{"7": {"id": "r", "confidence": 1, "success_streak": 2.0, "mine": {"b": 1.0, "a": 2}}, "2": {"id": "2"}}',
      CORRECTED,
    )
    const text = writeRules(records)
    expect(text).toContain('"confidence": 1,\n    "success_streak": 2.0,')
    expect(text).toContain('"mine": {\n      "b": 1.0,\n      "a": 2\n    }')
    expect([...readRules(text, CORRECTED).records.keys()]).toEqual(['7', '2'])
    expect(readRules(writeRules(withoutExtras(records)), ORIGINAL).records.size).toBe(2)
  })

  it.each(['null', '[]', '""', '0', '{}', 'false', '0.0'])('%s is an empty store', (text) =>
    expect(readRules(text, CORRECTED).records.size).toBe(0),
  )

  it.each([
    ['[1]', 'rules.json: it holds no object'],
    ['{"r": 1}', 'rules.json: r: it is no object'],
    ['{"r": {}}', 'rules.json: r.id: it is missing'],
    ['{"r": {"id": "r", "trigger": "x"}}', 'rules.json: r.trigger: it should be a list of texts'],
    ['{"r": {"id": "r", "confidence": "x"}}', 'rules.json: r.confidence: it should be a number'],
    ['{"r": {"id": "r", "confidence": NaN}}', 'rules.json: r.confidence: it should be a number'],
    ['', 'rules.json: the text ends where a value should be, line 1 column 1'],
    ['\ufeff{}', 'rules.json: no value begins here, line 1 column 1'],
    ['{"r": {"id": 1}}', 'rules.json: r.id: it should be a text'],
  ])('%s is refused: %s', (text, message) =>
    expect(() => readRules(text, CORRECTED)).toThrow(message),
  )

  it('reads playbooks, also the oldest ones', () => {
    const { records } = readPlaybooks(
      '{"c": {"id": "c", "type": "Capsule", "genes_used": ["g"]}, "d": {"id": "d", "rules_used": ["r"], "genes_used": ["g"]}}',
      ORIGINAL,
    )
    expect([...records.values()].map(({ type, rules_used }) => [type, rules_used])).toEqual([
      ['Playbook', ['g']],
      ['Playbook', ['r']],
    ])
    expect(readPlaybooks(writePlaybooks(records), ORIGINAL).records).toEqual(records)
  })

  it('reads a log, and says which lines it left out', () => {
    const event = newEvent({ timestamp: 't', event_type: 'e', payload: new Map([['é', 1]]) })
    const { lines, notes } = readEvents(
      `${writeEvent(event)}broken\n\n${writeEvent(event)}`,
      CORRECTED,
    )
    expect(lines).toEqual([event, undefined, undefined, event])
    expect(notes).toEqual(['policy_events.jsonl line 2 was left out: no value begins here'])
    expect(writeEvent(event)).toBe(
      '{"timestamp": "t", "event_type": "e", "asset_id": "", "type": "PolicyEvent", "trigger_signals": [], "rl_reward": 0.0, "changes": "", "source_node_id": "", "payload": {"é": 1}}\n',
    )
  })

  it('shows records on a line', () => {
    expect(showRule(newRule({ id: 'r', summary: 's', confidence: 0.125 }))).toBe(
      '[r] s (confidence: 0.12)',
    )
    expect(showPlaybook(newPlaybook({ id: 'p', summary: 's', rules_used: ['a', 'b'] }))).toBe(
      '[p] s (2 rules, confidence: 0.00)',
    )
    expect(
      showEvent(newEvent({ timestamp: 't', event_type: 'e', changes: 'c', rl_reward: 1 })),
    ).toBe('[t] e: c (reward: 1.00)')
    expect(
      showEvent(
        newEvent({ timestamp: 't', event_type: 'e', payload: new Map([['decision_id', 'd']]) }),
      ),
    ).toBe('[t] e: unknown (d)')
  })
})
