import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellPiece } from '../../../src/commands/listing.ts'
import {
  controlList,
  coverageBar,
  evidenceList,
  frameworkList,
} from '../../../src/commands/rooms/governance/compliance-lists.ts'
import { signalList } from '../../../src/commands/rooms/governance/signal-list.ts'
import { controlsByNeed } from '../../../src/domain/governance/compliance/desk-rows.ts'
import type { ControlResult } from '../../../src/domain/governance/compliance/rules.ts'
import type { EvidenceLine } from '../../../src/domain/governance/compliance/types.ts'
import { aSignal } from '../../support/fake-rows.ts'

const summary = (covered: number, partial: number, gaps: number) => ({
  total_controls: covered + partial + gaps,
  covered,
  partial,
  gaps,
  coverage_percentage: 0,
})

describe('the bar of a framework', () => {
  test.each([
    [12, 0, 0, '████████████'],
    [0, 12, 0, '▒▒▒▒▒▒▒▒▒▒▒▒'],
    [0, 0, 12, '░░░░░░░░░░░░'],
    [4, 4, 4, '████▒▒▒▒░░░░'],
    [11, 0, 1, '███████████░'],
    [0, 0, 0, '░░░░░░░░░░░░'],
  ])('%i covered, %i in part, %i open: %s', (covered, partial, gaps, bar) => {
    expect(coverageBar(summary(covered, partial, gaps))).toBe(bar)
  })

  test('is always as long, and full only where everything is covered', () => {
    const some = fc.nat({ max: 200 })
    fc.assert(
      fc.property(some, some, some, (covered, partial, gaps) => {
        const bar = coverageBar(summary(covered, partial, gaps))
        expect(bar).toMatch(/^█*▒*░*$/)
        expect(bar).toHaveLength(12)
        if (partial + gaps > 0) expect(bar).not.toMatch(/^█+$/)
      }),
    )
  })
})

const control = (id: string, status: ControlResult['status'], relevance = 'high') =>
  ({ control_id: id, status, agent_relevance: relevance }) as ControlResult

test('controls that are open come first, among them the critical ones', () => {
  const all = [
    control('a', 'covered', 'critical'),
    control('b', 'partial'),
    control('c', 'gap', 'low'),
    control('d', 'gap', 'critical'),
    control('e', 'partial', 'critical'),
  ]
  expect(controlsByNeed(all).map(({ control_id: id }) => id)).toEqual(['d', 'c', 'e', 'b', 'a'])
})

const decision = {
  id: 'decision/1',
  kind: 'decision',
  org: 'org_default',
  agent: 'scout@default',
  type: 'deploy',
  goal: 'ship',
  decision: 'block',
  at: 0,
  action: 'act_1',
  policy: 'gp_1',
} as const
const policy = {
  id: 'policy/1',
  kind: 'policy',
  org: 'org_default',
  policy: 'gp_1',
  name: 'Ask',
  coverage: 'partial',
  rationale: 'It asks.',
} as const

describe('evidence', () => {
  test.each<[string, EvidenceLine, unknown, string]>([
    [
      'a decision leads to its action',
      decision,
      { face: 'ledger.show', input: { id: 'act_1', org: 'org_default' } },
      '✕ blocked|scout@default deploy: ship',
    ],
    [
      'one without an action leads to its policy',
      { ...decision, action: '', agent: '', goal: '', decision: 'allow' },
      { face: 'compliance.policy', input: { id: 'gp_1', org: 'org_default' } },
      '✓ allowed|deploy',
    ],
    [
      'a policy leads to itself',
      policy,
      { face: 'compliance.policy', input: { id: 'gp_1', org: 'org_default' } },
      '◐ policy|Ask',
    ],
    [
      'what is to do leads nowhere',
      { id: 'advice/0', kind: 'advice', text: 'Write a policy' },
      undefined,
      '→ to do|Write a policy',
    ],
  ])('%s', (_what, line, opened, cells) => {
    expect(evidenceList.opens?.(line as never)).toEqual(opened)
    const shown = evidenceList.columns.map(({ cell }) => cellPiece(cell(line as never, 0))[1])
    expect(shown.slice(0, 2).join('|')).toBe(cells)
    expect(evidenceList.card?.(line as never, 0).length).toBeGreaterThan(0)
  })

  test('the levels lead into one another', () => {
    expect(frameworkList.opens?.({ id: 'soc2@acme' } as never)).toEqual({
      face: 'compliance.show',
      input: { framework: 'soc2@acme' },
    })
    expect(controlList.opens?.({ id: 'CC6.1', framework: 'soc2' } as never)).toEqual({
      face: 'compliance.evidence',
      input: { framework: 'soc2', control: 'CC6.1' },
    })
  })
})

describe('a signal', () => {
  test.each([
    ['the approval that waits', { approval: 'apr_1', action_id: 'act_1' }, 'approval apr_1'],
    ['the action', { action_id: 'act_1', agent: 'scout' }, 'ledger.show act_1'],
    ['the agent', { agent: 'scout@default' }, 'ledger.work scout@default'],
    ['nothing, where nobody is named', { agent: '' }, ''],
  ])('leads to %s', (_what, some, to) => {
    const opened = signalList.opens?.(aSignal(some) as never)
    const shown = opened as Record<string, unknown> | undefined
    const input = (shown?.['input'] ?? shown ?? {}) as Record<string, string>
    const where = shown?.['face'] ?? shown?.['noun'] ?? ''
    expect(`${where as string} ${input['id'] ?? input['agent'] ?? ''}`.trim()).toBe(to)
  })

  test.each([
    ['red', '✕ red', 'bad'],
    ['amber', '! amber', 'warn'],
  ] as const)('that is %s is told by more than its colour', (severity, text, tone) => {
    const [first] = signalList.columns
    expect(first?.cell(aSignal({ severity }) as never, 0)).toEqual([tone, text])
  })
})
