import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { withoutExtras } from '../../src/clawpolicy/files/write.ts'
import { writeEvent } from '../../src/clawpolicy/files/write.ts'
import { writePlaybooks } from '../../src/clawpolicy/files/write.ts'
import { writeRules } from '../../src/clawpolicy/files/write.ts'
import { JsonError, readJson, writeJson, type Json } from '../../src/clawpolicy/files/json.ts'
import {
  newEvent,
  newRule,
  showEvent,
  showPlaybook,
  showRule,
  newPlaybook,
} from '../../src/clawpolicy/files/records.ts'
import { Float } from '../../src/clawpolicy/text.ts'
import { someRules } from './arbitrary.ts'
import { readEvents, readPlaybooks, readRules } from './parts.ts'

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
    expect(
      writeJson(new Map(['\u{1f600}', '\uffee', 'a', 'ab', ''].map((key) => [key, 0])), {
        sorted: true,
      }),
    ).toBe('{"": 0, "a": 0, "ab": 0, "\uffee": 0, "\u{1f600}": 0}'))
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
    ['\ufeff{}', 'rules.json: expected a value, line 1 column 1'],
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
    expect(notes).toEqual(['policy_events.jsonl line 2 was left out: expected a value'])
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
