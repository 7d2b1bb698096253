import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import type { MarkdownTexts } from '../../../src/clawpolicy/markdown/import.ts'
import { trimmed } from '../../../src/clawpolicy/markdown/scan.ts'
import { MARKDOWN_FILES } from '../../../src/clawpolicy/markdown/sections.ts'
import { templateText } from '../../../src/clawpolicy/files/provision.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import type { Corrections } from '../../../src/clawpolicy/corrections.ts'
import { withCorrections } from '../engine.ts'
import { exportMarkdown, importMarkdown, withKeysAsIds, type PolicyAssets } from '../parts.ts'

const NOW = 1_772_884_800_123_456
const EMPTY: PolicyAssets = { rules: new Map(), playbooks: new Map() }
const templates = (): MarkdownTexts =>
  Object.fromEntries(MARKDOWN_FILES.map((file) => [file, templateText(file)]))
const imported = (
  texts: MarkdownTexts,
  corrections: Corrections,
  assets: PolicyAssets = EMPTY,
  now = NOW,
) => importMarkdown(texts, assets, { now, corrections })

describe('corrections', () => {
  test('sections-end: an empty section stays empty, the third level opens nothing', () => {
    const text = '## Working Preferences\n\n## Notes\nkeep\n### Basic Information\nx'
    const at = (on: boolean) =>
      [
        ...imported({ 'USER.md': text }, withCorrections(ORIGINAL, { 'sections-end': on })).rules,
      ].map(([key, { strategy }]) => [key, strategy])
    expect(at(false)).toEqual([
      ['rule_basic_info', 'x'],
      ['rule_work_habits', '## Notes\nkeep\n### Basic Information\nx'],
      ['rule_project_constraints', 'keep\n### Basic Information\nx'],
    ])
    expect(at(true)).toEqual([['rule_project_constraints', 'keep\n### Basic Information\nx']])
  })

  test('keys-are-ids: an import again keeps what the rule has learned', () => {
    const learned = newRule({
      id: 'rule_escalation_1',
      summary: 'Escalation policy',
      strategy: 'old',
      status: 'candidate',
      evidence_count: 2,
    })
    const again = (on: boolean) =>
      imported(
        { 'AGENTS.md': '## Escalation\nnew' },
        withCorrections(ORIGINAL, { 'keys-are-ids': on }),
        { ...EMPTY, rules: new Map([['rule_escalation', learned]]) },
      ).rules.get('rule_escalation')
    expect(again(false)).toMatchObject({
      id: 'rule_escalation_1772884800',
      status: 'hint',
      evidence_count: 0,
      strategy: 'new',
    })
    expect(again(true)).toMatchObject({
      id: 'rule_escalation',
      status: 'candidate',
      evidence_count: 2,
      strategy: 'new',
    })
  })

  test('keys-are-ids: rules that the original stored under another key become reachable', () => {
    const { rules } = imported(templates(), ORIGINAL)
    const others = new Map([
      ...rules,
      ['mine', newRule({ id: 'mine_1' })],
      ['rule_escalation', newRule({ id: 'rule_escalation_own' })],
    ])
    expect(withKeysAsIds(others, ORIGINAL)).toBe(others)
    const own = withKeysAsIds(others, CORRECTED)
    expect([...own].map(([key, { id }]) => [key, id])).toEqual(
      [...others].map(([key, { id }]) => [key, id.replace(/_1772884800$/, '')]),
    )
    expect(own.get('rule_basic_info')).toEqual(
      newRule({ ...rules.get('rule_basic_info'), id: 'rule_basic_info' }),
    )
    expect(withKeysAsIds(own, CORRECTED)).toBe(own)
  })

  test('placeholders-teach-nothing', () => {
    const size = (on: boolean) => {
      const { rules, playbooks, events } = imported(
        templates(),
        withCorrections(ORIGINAL, { 'placeholders-teach-nothing': on }),
      )
      return [rules.size, playbooks.size, events.length]
    }
    expect(size(false)).toEqual([6, 1, 10])
    expect(size(true)).toEqual([0, 0, 0])
  })

  test('imports-say-once: an unchanged import logs nothing', () => {
    const texts = { 'USER.md': '## Notes\nkeep', 'AGENTS.md': '## Escalation\nask' }
    const corrections = withCorrections(CORRECTED, { 'imports-say-once': false })
    expect(imported(texts, corrections).events.map(({ timestamp }) => timestamp)).toEqual([
      '1772884800',
      '1772884800',
      '1772884800',
    ])
    const first = imported(texts, CORRECTED)
    expect(first.events.map(({ timestamp, event_type }) => [timestamp, event_type])).toEqual(
      Array.from({ length: 2 }, () => ['2026-03-07T12:00:00.123456+00:00', 'rule_created']),
    )
    const second = imported({ ...texts, 'AGENTS.md': '## Escalation\nask twice' }, CORRECTED, first)
    expect(second.events.map(({ event_type, asset_id }) => [event_type, asset_id])).toEqual([
      ['rule_updated', second.rules.get('rule_escalation')?.asset_id],
    ])
    expect(imported(texts, CORRECTED, first).events).toEqual([])
  })

  test('soul-returns: the sections of a soul are rules of its playbook, and are written', () => {
    const text = '## Prohibited Actions\n- no rm\n- no net'
    const off = withCorrections(CORRECTED, { 'soul-returns': false })
    const before = imported({ 'SOUL.md': text }, off)
    expect([before.rules.size, [...before.playbooks.values()][0]?.rules_used]).toEqual([0, []])
    expect(exportMarkdown(before.rules, { corrections: off })['SOUL.md']).toBe(
      templateText('SOUL.md'),
    )
    const { rules, playbooks } = imported({ 'SOUL.md': text }, CORRECTED)
    expect(playbooks.get('playbook_safety')?.rules_used).toEqual(['rule_prohibited_actions'])
    expect(exportMarkdown(rules, { corrections: CORRECTED })['SOUL.md']).toContain(
      '\n## Prohibited Actions\n\n- no rm\n- no net\n\n## Reward',
    )
  })

  test('advice-returns: only the section is written; the rest of the file stays', () => {
    const rules = new Map([
      ['a', newRule({ id: 'a', summary: 'Auto execute for escalation', strategy: 'no' })],
      [
        'rule_escalation',
        newRule({ id: 'rule_escalation', summary: 'Escalation policy', strategy: 'ask\nme' }),
      ],
    ])
    const existing = { 'AGENTS.md': 'Mine.\r\n## 升级策略\nold\n## Own\nkept  \n' }
    expect(exportMarkdown(rules, { corrections: CORRECTED, existing })['AGENTS.md']).toBe(
      'Mine.\n## 升级策略\n\nask\nme\n\n## Own\nkept  \n',
    )
    expect(exportMarkdown(rules, { corrections: ORIGINAL, existing })['AGENTS.md']).toContain(
      '## Escalation\n\n- no\n',
    )
  })
})

describe('round trips', () => {
  const line = fc.oneof(
    fc.constantFrom('## Notes', '##', '\\## x', '### y', '', ' ', '- a', '#', '\\', '##x', '```'),
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\r', '')),
  )
  const advice = fc
    .array(line, { minLength: 1, maxLength: 8 })
    .map((lines) => lines.join('\n'))
    .filter((text) => trimmed(text) !== '')
  const stems = [
    'rule_basic_info',
    'rule_work_habits',
    'rule_project_constraints',
    'rule_core_principles',
    'rule_prohibited_actions',
    'rule_reward_signals',
    'rule_tool_dispatch',
    'rule_operation_rules',
    'rule_escalation',
  ]
  const store = fc
    .dictionary(fc.constantFrom(...stems), advice, { minKeys: 1 })
    .map(
      (given) =>
        new Map(Object.entries(given).map(([id, strategy]) => [id, newRule({ id, strategy })])),
    )

  test('what is exported is imported the same, and exported again the same', () => {
    fc.assert(
      fc.property(store, (rules) => {
        const texts = exportMarkdown(rules, { corrections: CORRECTED })
        const back = imported(texts, CORRECTED).rules
        expect(Object.fromEntries([...back].map(([id, { strategy }]) => [id, strategy]))).toEqual(
          Object.fromEntries([...rules].map(([id, { strategy }]) => [id, trimmed(strategy)])),
        )
        expect(exportMarkdown(back, { corrections: CORRECTED })).toEqual(texts)
        expect(exportMarkdown(back, { corrections: CORRECTED, existing: texts })).toEqual(texts)
      }),
    )
  })

  test('written into any file, advice comes back and other sections stay', () => {
    fc.assert(
      fc.property(store, advice, (rules, other) => {
        const existing = { 'USER.md': `${other}\n## Own one\nmine\n## Notes\nold` }
        const text = exportMarkdown(rules, { corrections: CORRECTED, existing })['USER.md']
        expect(text).toContain('## Own one\nmine\n')
        const once = exportMarkdown(rules, {
          corrections: CORRECTED,
          existing: { 'USER.md': text },
        })['USER.md']
        expect(once).toBe(text)
      }),
    )
  })

  test('as the original: exported and imported, exported again the same', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('a b', '- c', 'd', ''), { minLength: 1 })
          .map((lines) => lines.join('\n'))
          .filter((strategy) => strategy.trim() !== ''),
        (strategy) => {
          const rules = new Map([
            [
              'rule_escalation',
              newRule({ id: 'rule_escalation', summary: 'Escalation policy', strategy }),
            ],
          ])
          const texts = exportMarkdown(rules, { corrections: ORIGINAL })
          expect(
            exportMarkdown(imported(texts, ORIGINAL).rules, { corrections: ORIGINAL }),
          ).toEqual(texts)
        },
      ),
    )
  })
})
