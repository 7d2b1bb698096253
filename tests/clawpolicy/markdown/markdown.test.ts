import { describe, expect, test } from 'vitest'
import { ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import type { MarkdownTexts } from '../../../src/clawpolicy/markdown/import.ts'
import { MARKDOWN_FILES } from '../../../src/clawpolicy/markdown/sections.ts'
import { templateText } from '../../../src/clawpolicy/files/provision.ts'
import { newPlaybook, newRule } from '../../../src/clawpolicy/files/records.ts'
import type { Corrections } from '../../../src/clawpolicy/corrections.ts'
import { exportMarkdown, importMarkdown, type PolicyAssets } from '../parts.ts'

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
