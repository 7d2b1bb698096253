import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import { type PolicyAssets, type MarkdownTexts } from '../../../src/clawpolicy/markdown/import.ts'
import { looseSection, sectionsOf, trimmed } from '../../../src/clawpolicy/markdown/scan.ts'
import { MARKDOWN_FILES } from '../../../src/clawpolicy/markdown/sections.ts'
import { templateText } from '../../../src/clawpolicy/files/provision.ts'
import { newPlaybook, newRule } from '../../../src/clawpolicy/files/records.ts'
import type { Corrections } from '../../../src/clawpolicy/corrections.ts'
import { withCorrections } from '../engine.ts'
import { exportMarkdown, importMarkdown, withKeysAsIds } from '../parts.ts'

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

describe('finding sections as the original does', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['a section up to the next', '## Notes\n\na\nb\n\n## Other\nc', 'Notes', 'a\nb'],
    ['up to the end', 'x\n## Notes\na', 'Notes', 'a'],
    ['the third level opens it', '### Notes\na\n### More\nb', 'Notes', 'a\n### More\nb'],
    ['in the middle of a line', 'see ## Notes\na', 'Notes', 'a'],
    [
      'an empty one takes in the next',
      '## Notes\n\n## Other\nb\n## Third\nc',
      'Notes',
      '## Other\nb',
    ],
    ['an empty one at the end', '## Notes\n', 'Notes', ''],
    ['no line feed below', '## Notes', 'Notes', undefined],
    ['another case', '## notes\na', 'Notes', undefined],
    ['a longer name, then the name itself', '## Notes on it\nx\n## Notes\na', 'Notes', 'a'],
    ['white space around the name, line feeds too', '##\n \tNotes \u00a0\n \n  a  ', 'Notes', 'a'],
    ['no space after the marks', '##Notes\na', 'Notes', undefined],
    ['##x is no heading', '## Notes\na\n##x\nb', 'Notes', 'a\n##x\nb'],
    ["the original's white space", '##\u001cNotes\u0085\na', 'Notes', 'a'],
    ['a byte order mark is none', '##\ufeffNotes\na', 'Notes', undefined],
  ]
  test.each(cases)('%s', (_, text, name, body) => expect(looseSection(text, name)?.text).toBe(body))

  test('agrees with the pattern it stands for', () => {
    const piece = fc.constantFrom(
      '##',
      '#',
      ' ',
      '\n',
      '\n\n',
      'Notes',
      'a',
      '- b',
      '\t',
      '\n## ',
      '\n##',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
        (text) => {
          const found = /##\s+Notes\s*\n+([\s\S]*?)(?=\n##\s|$(?![\s\S]))/.exec(text)
          expect(looseSection(text, 'Notes')?.text).toBe(found?.[1]?.trim())
        },
      ),
    )
  })
})

describe('finding sections', () => {
  test('by their own headings, empty ones too', () => {
    const text = '## A\n## B\nb\n### C\nc\n ## D\n##\nrest\n## E'
    expect(sectionsOf(text).map(({ heading, at, end }) => [heading, text.slice(at, end)])).toEqual([
      ['A', ''],
      ['B', 'b\n### C\nc\n ## D\n'],
      ['', 'rest\n'],
      ['E', ''],
    ])
  })

  test('together they are the whole text below the first', () => {
    const piece = fc.constantFrom('## ', '##', '#', '\n', 'a', ' ', '\\')
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const sections = sectionsOf(text)
          expect(sections.map(({ top, end }) => text.slice(top, end)).join('')).toBe(
            text.slice(sections[0]?.top ?? text.length),
          )
        },
      ),
    )
  })
})

describe('import as the original does', () => {
  test('an empty section takes in the next one', () => {
    const user =
      '# USER\n\n## Basic Information\n\n- Name: Ada\n- Role: engineer\n\n## Working Preferences\n\n## Notes\n\nKeep it small\nNever on Fridays\n'
    const { rules } = imported({ 'USER.md': user }, ORIGINAL)
    expect(rules.get('rule_basic_info')?.strategy).toBe('- Name: Ada\n- Role: engineer')
    expect(rules.get('rule_work_habits')?.strategy).toBe(
      '## Notes\n\nKeep it small\nNever on Fridays',
    )
    expect(rules.get('rule_project_constraints')?.strategy).toBe('Keep it small\nNever on Fridays')
    expect(exportMarkdown(rules, { corrections: ORIGINAL })['USER.md']).toBe(`# USER

## Basic Information

- Name: Ada
- Role: engineer

## Working Preferences

- ## Notes
- Keep it small
- Never on Fridays

## Notes

- Keep it small
- Never on Fridays
`)
  })

  test('the files as they were provisioned: six hints, one playbook, ten events', () => {
    const { rules, playbooks, events } = imported(templates(), ORIGINAL)
    expect([...rules].map(([key, rule]) => [key, rule.id, rule.status])).toEqual(
      [
        'rule_basic_info',
        'rule_work_habits',
        'rule_project_constraints',
        'rule_tool_dispatch',
        'rule_operation_rules',
        'rule_escalation',
      ].map((stem) => [stem, `${stem}_1772884800`, 'hint']),
    )
    expect([...playbooks.keys()]).toEqual(['playbook_safety_1772884800'])
    expect(events.map(({ event_type, changes }) => [event_type, changes.split(': ')[0]])).toEqual([
      ...Array.from({ length: 3 }, () => ['rule_created', 'Migrated from USER.md']),
      ['playbook_created', 'Migrated from SOUL.md'],
      ...Array.from({ length: 6 }, () => ['rule_created', 'Migrated from AGENTS.md']),
    ])
    expect(
      new Set(events.map(({ timestamp, source_node_id }) => `${timestamp} ${source_node_id}`)),
    ).toEqual(new Set(['1772884800 md_migration']))
  })

  test('a rule holds what its section says, and its hash', () => {
    const { rules } = imported({ 'USER.md': '## 备注\r\n\r\nkeep\r\n' }, ORIGINAL)
    expect(rules.get('rule_project_constraints')).toEqual(
      newRule({
        id: 'rule_project_constraints_1772884800',
        summary: 'Project constraints',
        category: 'harden',
        confidence: 0.7,
        trigger: ['constraint_check', 'validation'],
        strategy: 'keep',
      }),
    )
  })

  test('an alias stands in for an empty section', () => {
    const { rules } = imported({ 'AGENTS.md': '## 升级策略\nask\n## Escalation\n' }, ORIGINAL)
    expect(rules.get('rule_escalation')?.strategy).toBe('ask')
  })

  const souls: [string, string, string, string[]][] = [
    [
      'nothing',
      '# SOUL\n',
      'Safety boundary and core principles',
      ['boundary_validation', 'safety_check'],
    ],
    [
      'one part',
      '## Prohibited Actions\n- no rm\n- no net',
      'Prohibited: no rm',
      ['boundary_validation', 'high_risk_operation', 'safety_check'],
    ],
    [
      'all parts',
      '## Core Principles\n1. Safe\n## Prohibited Actions\n- none\n## Reward Signals\n- tests   pass',
      'Core: 1. Safe | Prohibited: none | Reward: tests pass',
      [
        'boundary_validation',
        'core_principles',
        'high_risk_operation',
        'reward_adjustment',
        'safety_check',
      ],
    ],
  ]
  test.each(souls)('the playbook of a soul with %s', (_, text, summary, trigger) => {
    const { playbooks } = imported({ 'SOUL.md': text }, ORIGINAL)
    expect([...playbooks.values()]).toEqual([
      newPlaybook({
        id: 'playbook_safety_1772884800',
        category: 'harden',
        confidence: 0.9,
        summary,
        trigger,
      }),
    ])
  })

  test('summaries are cut to 220 in the playbook, 180 in its event', () => {
    const { playbooks, events } = imported(
      { 'SOUL.md': `## Core Principles\n${'é'.repeat(400)}` },
      ORIGINAL,
    )
    const [playbook] = [...playbooks.values()]
    expect(playbook?.summary).toBe(`Core: ${'é'.repeat(211)}...`)
    expect(events[0]?.changes).toBe(`Migrated from SOUL.md: Core: ${'é'.repeat(171)}...`)
  })
})

describe('export as the original does', () => {
  test('an empty store gives the templates', () => {
    expect(exportMarkdown(new Map(), { corrections: ORIGINAL })).toEqual(templates())
  })

  const strategies: [string, string][] = [
    ['plain\n\n  lines ', '- plain\n- lines'],
    ['- kept\n  as is', '- kept\n  as is'],
    ['head\n- item', 'head\n- item'],
    ['head\n * a\n  -b', '- head\n- * a\n-b'],
  ]
  test.each(strategies)('%j is written as %j', (strategy, body) => {
    const rules = new Map([
      ['x', newRule({ id: 'x', summary: 'My ESCALATION thing', strategy })],
      ['y', newRule({ id: 'y', summary: 'escalation', strategy: 'later' })],
    ])
    expect(
      exportMarkdown(rules, { corrections: ORIGINAL })['AGENTS.md'].endsWith(
        `\n## Escalation\n\n${body}\n`,
      ),
    ).toBe(true)
  })
})

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

  test('imports-say-once: what is the same is not said again', () => {
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

  test('advice-returns: only the section is written, in its place; the rest of the file stays', () => {
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
          .map((lines) => lines.join('\n')),
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

describe('bounds', () => {
  const TEN = 10 * 1024 * 1024
  const hostile: [string, string][] = [
    ['marks', '#'.repeat(TEN)],
    ['marks and spaces', '## '.repeat(TEN / 3)],
    ['line feeds after a name', `## Notes${'\n'.repeat(TEN)}`],
    ['spaces after a name', `## Notes${' '.repeat(TEN)}`],
    ['a name over and over', '## Notes '.repeat(TEN / 9)],
    ['headings without names', '\n##'.repeat(TEN / 3)],
    ['many sections', '## Notes\n'.repeat(TEN / 9)],
    ['marks far from names', `##${' '.repeat(TEN)}`],
  ]
  test.each(hostile)('ten megabytes of %s are read in linear time', (_, text) => {
    for (const corrections of [ORIGINAL, CORRECTED]) {
      const started = performance.now()
      try {
        imported({ 'USER.md': text }, corrections)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'input.invalid' })
      }
      expect(performance.now() - started).toBeLessThan(60_000)
    }
  })

  test('a section that is too long is refused with its place, and nothing is changed', () => {
    const text = `# USER\n\n## Notes\n${'a'.repeat(5)} ${' '.repeat(TEN)} b\n`
    expect(() => imported({ 'USER.md': text }, CORRECTED)).toThrow(
      /USER\.md line 4: the section "Notes" has 1048\d+ characters; at most 65536 are taken/,
    )
    expect(EMPTY.rules.size).toBe(0)
  })

  test('a file that is too long is refused by name', () => {
    expect(() => imported({ 'SOUL.md': 'a'.repeat(17 * 1024 * 1024) }, CORRECTED)).toThrow(
      /SOUL\.md has 17825792 characters/,
    )
  })

  test('sections that nothing is made of are said, up to a number', () => {
    const { notes } = imported({ 'USER.md': '## Own\nx\n'.repeat(30) }, CORRECTED)
    expect(notes[1]).toBe('USER.md line 3: the section "Own" makes no rule')
    expect([notes.length, notes.at(-1)]).toEqual([21, 'USER.md: 10 more sections make no rules'])
  })
})
