import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ORIGINAL } from '../../../../src/clawpolicy/corrections.ts'
import { writeEvent } from '../../../../src/clawpolicy/files/write.ts'
import { writePlaybooks } from '../../../../src/clawpolicy/files/write.ts'
import { writeRules } from '../../../../src/clawpolicy/files/write.ts'
import { jsonObject, type Json } from '../../../../src/clawpolicy/files/json.ts'
import { newEvent, newPlaybook } from '../../../../src/clawpolicy/files/records.ts'
import { Float } from '../../../../src/clawpolicy/text.ts'
import type { Rule } from '../../../../src/clawpolicy/types.ts'
import { canonical } from '../../../../src/base/canonical.ts'
import { withDeckKeys } from '../../../../src/domain/rules/files/deck-keys.ts'
import { parsePlaybooks, parseRules } from '../../../../src/domain/rules/files/parse.ts'
import { toPlaybook, toRule } from '../../../../src/domain/rules/stored.ts'
import type { StoredPlaybook, StoredRule } from '../../../../src/domain/rules/types.ts'
import { tempFolder } from '../../../support/journal.ts'
import { someRules } from '../../../clawpolicy/arbitrary.ts'
import { put, smallDeck, text } from './deck.ts'
import { readEvents } from '../../../clawpolicy/parts.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
const clean = () => {
  for (const act of cleanups.splice(0).toReversed()) act()
}
afterEach(clean)

const odd = fc.oneof(
  fc.constantFrom(
    'é\u0085\u2028x',
    '😀',
    '\u0000\u001f',
    '"\\',
    '\r\n',
    '## Notes\n',
    '  padded  ',
    '文件',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<Json>(null, true, 0, 1, new Float(1), new Float(1e-5), 12345678901234567890n),
    odd,
    fc.array(tie('value'), { maxLength: 2 }),
    fc
      .array(fc.tuple(odd, tie('value')), { maxLength: 2 })
      .map((entries): Json => new Map(entries)),
  ),
})).value
/** Nothing that a field is called by, nor what the deck says under a key of its own. */
const extra = fc
  .array(
    fc.tuple(
      odd.map((name) => `x${name}`),
      json,
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((entries) => new Map(entries))
const kinds = fc.constantFrom<Rule['kinds']>(
  undefined,
  { confidence: 'int' },
  { success_streak: 'float' },
)

const rules = fc
  .tuple(
    someRules,
    fc.array(fc.tuple(fc.option(extra, { nil: undefined }), kinds, odd, odd), {
      minLength: 12,
      maxLength: 12,
    }),
  )
  .map(([some, more]) =>
    some.map((rule, i): Rule => {
      const [unknown, kind, summary, strategy] = more[i] ?? []
      const confidence = kind?.['confidence'] === 'int' ? 1 : rule.confidence
      return {
        ...rule,
        confidence,
        summary: summary ?? '',
        strategy: strategy ?? '',
        asset_id: 'sha256:stale',
        ...(unknown === undefined ? {} : { extra: unknown }),
        ...(kind === undefined ? {} : { kinds: kind }),
      }
    }),
  )
const playbooks = fc
  .array(fc.tuple(odd, fc.option(extra, { nil: undefined })), { maxLength: 3 })
  .map((some) =>
    some.map(([summary, unknown], i) => ({
      ...newPlaybook({ id: `p${i}`, summary, rules_used: ['r1'] }),
      ...(unknown === undefined ? {} : { extra: unknown }),
    })),
  )
const lines = fc.array(
  fc.oneof(
    odd.map((changes) =>
      writeEvent(
        newEvent({
          timestamp: '2026-01-01T00:00:00+00:00',
          event_type: 'rule_updated',
          changes,
          payload: jsonObject({ rule_id: 'r0', mine: new Float(1) }),
        }),
      ).trimEnd(),
    ),
    fc.constantFrom(
      '',
      'no json',
      '{"half": ',
      '{"timestamp": "t", "event_type": "e", "asset_id": "", "mine": [1.0]}',
      '{"a":1}',
    ),
  ),
  { maxLength: 8 },
)

const byId = <T extends { id: string }>(some: readonly T[]) =>
  new Map(some.map((one) => [one.id, one]))

describe('a round trip', () => {
  it('through the stored form loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(rules, playbooks, async (someRulesHere, somePlaybooks) => {
        const [written, together] = [
          writeRules(byId(someRulesHere)),
          writePlaybooks(byId(somePlaybooks)),
        ]
        const read = await parseRules({ name: 'rules.json', text: written }, async () => undefined)
        const kept = [...read.records].map(([id, { stored }]): [string, Rule] => {
          const back = JSON.parse(canonical(stored)) as StoredRule
          return [id, withDeckKeys(toRule(back), back)]
        })
        expect(writeRules(new Map(kept))).toBe(written)
        const books = await parsePlaybooks(
          { name: 'playbooks.json', text: together },
          async () => undefined,
        )
        expect(
          writePlaybooks(
            new Map(
              [...books.records].map(([id, stored]) => [
                id,
                toPlaybook(JSON.parse(canonical(stored)) as StoredPlaybook),
              ]),
            ),
          ),
        ).toBe(together)
      }),
      { numRuns: 150 },
    )
  })

  it('through two decks and their files loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(rules, playbooks, lines, async (someRulesHere, somePlaybooks, someLines) => {
        const files = {
          'rules.json': writeRules(byId(someRulesHere)),
          'playbooks.json': writePlaybooks(byId(somePlaybooks)),
          'policy_events.jsonl': someLines.map((line) => `${line}\n`).join(''),
        }
        const first = put(tempFolder(onEnd), files)
        const [one, two] = [await smallDeck(onEnd), await smallDeck(onEnd)]
        expect(await one.import({ path: first, trust: true })).toMatchObject({
          rules: { made: someRulesHere.length, changed: 0, same: 0 },
          conflicts: [],
          events: someLines.length,
        })
        const second = `${tempFolder(onEnd)}/.clawpolicy/policy`
        await one.export(second)
        for (const [name, was] of Object.entries(files)) expect(text(second, name)).toBe(was)

        expect(await one.import({ path: second, trust: true })).toMatchObject({
          rules: { made: 0, changed: 0 },
          playbooks: 0,
          events: 0,
        })
        await two.import({ path: second, trust: true })
        expect(two.rules().map(({ seq: _seq, changedAt: _at, ...kept }) => kept)).toEqual(
          one.rules().map(({ seq: _seq, changedAt: _at, ...kept }) => kept),
        )
        const third = tempFolder(onEnd)
        await two.export(third)
        for (const [name, was] of Object.entries(files)) expect(text(third, name)).toBe(was)
        clean()
      }),
      { numRuns: 8 },
    )
  })

  it('keeps expiry, author and unknown keys only if the export includes them', async () => {
    const [from, to] = [await smallDeck(onEnd), await smallDeck(onEnd)]
    const folder = put(tempFolder(onEnd), {
      'rules.json':
        '{"r": {"id": "r", "mine": 1.0, "clawdeck": {"expires_at": "2036-01-31T12:00:00.123000+00:00", "by": "operator:console"}}, "s": {"id": "s"}}',
    })
    const report = await from.import({ path: folder, trust: true })
    expect(report.notes).toEqual([
      'rules.json line 1 column 2: r has unknown keys, which are kept unchanged: "mine"',
    ])
    expect(from.rules()).toMatchObject([
      {
        rule: { id: 'r' },
        by: 'operator:console',
        expiresAt: Date.parse('2036-01-31T12:00:00.123Z'),
      },
      { rule: { id: 's' }, by: 'import', expiresAt: null },
    ])
    await from.export(folder)
    expect(text(folder, 'rules.json')).toContain(
      '"mine": 1.0,\n    "clawdeck": {\n      "expires_at": "2036-01-31T12:00:00.123000+00:00",\n      "by": "operator:console"\n    }\n  },\n  "s": {',
    )
    await to.import({ path: folder, trust: true })
    expect(to.rules()[0]).toMatchObject({
      by: 'operator:console',
      expiresAt: Date.parse('2036-01-31T12:00:00.123Z'),
    })
    await from.export(folder, false)
    expect(Object.keys((JSON.parse(text(folder, 'rules.json')) as { r: object }).r)).toHaveLength(
      29,
    )
  })

  it('of a log drops unknown keys and escapes Unicode line breaks for the original', async () => {
    const deck = await smallDeck(onEnd)
    const [one, two] = ['a\u2028b\u0085c', 'd'].map((changes, i) =>
      writeEvent({
        ...newEvent({ timestamp: `${i}`, event_type: 'rule_updated', changes }),
        ...(i === 1 ? { extra: jsonObject({ mine: 1 }) } : {}),
      }),
    )
    const folder = put(tempFolder(onEnd), { 'policy_events.jsonl': `${one}half {\n${two}` })
    await deck.import(folder)
    await deck.export(folder)
    expect(text(folder, 'policy_events.jsonl')).toBe(`${one}half {\n${two}`)
    await deck.export(folder, false)
    expect(text(folder, 'policy_events.jsonl')).toBe(
      `${one?.replace('\u2028', '\\u2028').replace('\u0085', '\\u0085')}half {\n${two?.replace(', "mine": 1', '')}`,
    )
    expect(
      readEvents(text(folder, 'policy_events.jsonl'), ORIGINAL).lines.map(
        (event) => event?.changes,
      ),
    ).toEqual(['a\u2028b\u0085c', undefined, 'd'])
  })
})
