import { describe, expect, test } from 'vitest'
import {
  complianceFrameworks,
  type ComplianceFramework,
  type FrameworkControl,
} from '../../../../src/config/frameworks.ts'
import {
  complianceEvidence,
  windowDays,
} from '../../../../src/domain/governance/compliance/evidence.ts'
import { gapAnalysis } from '../../../../src/domain/governance/compliance/gaps.ts'
import {
  complianceExport,
  complianceReport,
} from '../../../../src/domain/governance/compliance/report.ts'
import { complianceMap } from '../../../../src/domain/governance/compliance/rules.ts'
import { coverageTrend } from '../../../../src/domain/governance/compliance/trends.ts'
import type { ApiPolicy } from '../../../../src/domain/governance/policies/types.ts'
import { apiPolicy } from '../policies/policies.ts'

const AT = '2026-06-15T12:00:00Z'
const frameworks = await complianceFrameworks()
const framework = (id: string) => frameworks.find((each) => each.id === id) as ComplianceFramework
const statuses = (id: string, policies: ApiPolicy[]) =>
  Object.fromEntries(
    complianceMap(framework(id), policies, { project: 'p', at: AT }).controls.map((each) => [
      each.control_id,
      each.status,
    ]),
  )

const block = (...action_types: string[]) => apiPolicy('block_action_type', { action_types })
const approve = (...action_types: string[]) => apiPolicy('require_approval', { action_types })

describe('a control is', () => {
  test.each<[string, ApiPolicy[], string, string]>([
    ['soc2', [], 'CC6.1', 'gap'],
    ['soc2', [block('exec.*')], 'CC6.1', 'covered'],
    ['soc2', [block('exec.rm')], 'CC6.1', 'covered'],
    ['soc2', [block('fs.*')], 'CC6.1', 'covered'],
    ['soc2', [block('mail')], 'CC6.1', 'gap'],
    ['soc2', [{ ...block('exec.*'), active: false }], 'CC6.1', 'gap'],
    ['soc2', [{ ...block('exec.*'), rules: '{' }], 'CC6.1', 'gap'],
    ['soc2', [approve('exec.*')], 'CC6.1', 'gap'],
    [
      'soc2',
      [apiPolicy('block_action_type', { action_types: ['exec.*'], allowlist: ['exec.ls'] })],
      'CC6.1',
      'covered',
    ],
    ['soc2', [apiPolicy('risk_threshold', {})], 'CC6.1', 'partial'],
    ['soc2', [apiPolicy('risk_threshold', { action: 'warn' })], 'CC6.1', 'gap'],
    ['soc2', [apiPolicy('risk_threshold', { action: 'warn' })], 'CC9.1', 'covered'],
    ['soc2', [apiPolicy('risk_threshold', {})], 'CC9.1', 'covered'],
    ['soc2', [apiPolicy('rate_limit', {})], 'CC7.1', 'partial'],
    ['soc2', [apiPolicy('rate_limit', {})], 'CC7.2', 'partial'],
    ['soc2', [approve('x')], 'CC6.2', 'partial'],
    ['soc2', [block('x')], 'CC7.3', 'gap'],
    ['soc2', [block('x')], 'CC8.1', 'gap'],
    [
      'soc2',
      [apiPolicy('require_approval', { action_types: ['deploy'], dry_run: true })],
      'CC8.1',
      'covered',
    ],
    [
      'imda-agentic',
      [apiPolicy('webhook_check', { url: 'https://x.example' })],
      'IMDA-1.1',
      'partial',
    ],
    ['imda-agentic', [approve('payment.*')], 'IMDA-1.1', 'covered'],
    ['iso27001', [apiPolicy('permission_escalation', {})], 'A.8.2', 'covered'],
    ['iso27001', [apiPolicy('green_contract', {})], 'A.8.29', 'covered'],
    ['gdpr', [approve('hire.*')], 'Art.22', 'covered'],
  ])('%s with %j: %s is %s', (...[id, policies, control, status]) => {
    expect(statuses(id, policies)[control]).toBe(status)
  })

  test('covered by more policies never less than by fewer', () => {
    const rank = { gap: 0, partial: 1, covered: 2 }
    const all = [block('exec.*'), approve('email.send'), apiPolicy('risk_threshold', {})]
    for (const { id } of frameworks) {
      const few = statuses(id, all.slice(0, 1))
      const many = statuses(id, all)
      for (const [control, status] of Object.entries(few))
        expect(rank[many[control] as keyof typeof rank]).toBeGreaterThanOrEqual(rank[status])
    }
  })
})

test('a map names what matched, and recommends what is missing', () => {
  const map = complianceMap(framework('soc2'), [block('exec.*'), approve('email.send')], {
    project: 'p',
    at: AT,
  })
  // Covered: CC6.1 CC6.6; partly: CC6.2 CC6.3 CC7.2.
  expect(map.summary).toEqual({
    total_controls: 10,
    covered: 2,
    partial: 3,
    gaps: 5,
    coverage_percentage: 35,
  })
  expect(map.controls[0]?.matched_policies).toEqual([
    {
      policy_id: 'gp_1',
      policy_description: 'P',
      mapping_coverage: 'full',
      rationale: expect.stringMatching(/^It blocks exec\.\*; the control asks for block on exec/),
    },
  ])
  expect(map.controls[0]?.gap_recommendations).toEqual([])
  expect(map.controls[1]?.gap_recommendations).toHaveLength(3)
})

describe('gaps', () => {
  const control = (id: string, relevance: FrameworkControl['relevance'], n: number) => ({
    id,
    title: id,
    category: 'c',
    description: 'd',
    relevance,
    mappings: [],
    recommendations: Array.from({ length: n }, (_, i) => `${id} ${i}`),
  })
  const small: ComplianceFramework = {
    id: 'x',
    name: 'X',
    version: '1',
    description: 'd',
    controls: [
      control('low', 'low', 1),
      control('high', 'high', 2),
      control('critical', 'critical', 3),
      control('medium', 'medium', 5),
      {
        ...control('partial', 'critical', 1),
        mappings: [{ policy: 'any_active_policy', tools: ['*'], coverage: 'partial' }],
      },
    ],
  }
  const gaps = gapAnalysis(complianceMap(small, [block('x')], { project: 'p', at: AT }))

  test('stand from critical to low, with what they cost', () => {
    expect(
      gaps.remediation_plan.map((each) => [each.priority, each.control_id, each.estimated_effort]),
    ).toEqual([
      [1, 'critical', '4-8 hours'],
      [2, 'partial', '1-2 hours'],
      [3, 'high', '2-4 hours'],
      [4, 'medium', '8-16 hours'],
      [5, 'low', '1-2 hours'],
    ])
    expect(gaps.summary).toMatchObject({
      critical_gaps: 1,
      high_gaps: 1,
      total_remediation_items: 5,
      estimated_total_effort: '16-24 hours',
      coverage_percentage: 10,
    })
    expect(gaps.quick_wins.map((each) => each.control_id)).toEqual(['partial', 'high', 'low'])
    expect(gaps.risk_assessment.overall_risk).toBe('CRITICAL')
    expect(gaps.risk_assessment.immediate_actions).toEqual([
      'critical: critical 0',
      'partial: partial 0',
    ])
  })

  test.each([
    [80, 'LOW'],
    [79, 'MEDIUM'],
    [60, 'MEDIUM'],
    [59, 'HIGH'],
    [40, 'HIGH'],
    [39, 'CRITICAL'],
  ])('with %i %% coverage are a risk that is %s', (coverage_percentage, risk) => {
    const map = complianceMap(small, [], { project: 'p', at: AT })
    const summary = { ...map.summary, coverage_percentage }
    expect(gapAnalysis({ ...map, summary }).risk_assessment.overall_risk).toBe(risk)
  })
})

describe('a report', () => {
  const map = complianceMap(
    framework('soc2'),
    [block('exec.*')].map((each) => ({ ...each, name: 'a | <b>\n# c' })),
    {
      project: 'p',
      at: AT,
    },
  )
  const parts = { name: 'SOC 2', map, gaps: gapAnalysis(map) }

  test('is text in both formats', () => {
    expect(JSON.parse(complianceReport(parts, 'json'))).toEqual(JSON.parse(JSON.stringify(parts)))
    const text = complianceReport(parts, 'md')
    expect(text).toMatch(/^# SOC 2 compliance report/)
    expect(text).toContain('### CC6.1 Logical Access Security')
    expect(text).toContain('a \\| \\<b\\> \\# c (full)')
    expect(text).not.toMatch(/^# c/m)
  })

  test('has evidence if there is some', () => {
    const evidence = complianceEvidence('7d', { decisions: { block: 2, warn: 3 }, actions: {} }, AT)
    expect(complianceReport({ ...parts, evidence }, 'md')).toMatch(/last 7 days\n\n.*: 5\n/)
  })
})

test('coverage over time says what changed, and may stand in an export', () => {
  const at = (day: string, coverage_percentage: number, name = 'soc2') => ({
    framework: name,
    coverage_percentage,
    generated_at: `2026-06-${day}`,
  })
  const trends = coverageTrend([at('03', 40), at('01', 50), at('02', 9, 'gdpr')], 'soc2')
  expect(trends.map(({ change }) => change)).toEqual([0, -10])
  const map = complianceMap(framework('soc2'), [], { project: 'p', at: AT })
  const parts = { name: 'SOC 2', map, gaps: gapAnalysis(map) }
  const text = complianceExport([{ ...parts, trends, remediation: false }, parts], 'md')
  expect(text.match(/^# SOC 2/gm)).toHaveLength(2)
  expect(text.match(/^## What to do next/gm)).toHaveLength(1)
  expect(text).toContain('- 2026-06-03: 40 % (-10)')
  expect(JSON.parse(complianceExport([parts], 'json')).reports).toHaveLength(1)
})

describe('evidence', () => {
  test('counts decisions and actions', () => {
    const counts = {
      decisions: { allow: 5, warn: 1, require_approval: 2, block: 3 },
      actions: { completed: 4, failed: 1 },
    }
    expect(complianceEvidence('90d', counts, AT)).toMatchObject({
      window: '90d',
      window_days: 90,
      evidence: {
        guard_decisions_total: 11,
        guard_decisions_blocked: 3,
        approval_requests: 3,
        action_records_total: 5,
      },
    })
  })

  test.each([
    ['7d', 7],
    ['30', 30],
    [null, 30],
    ['all', 30],
    ['-4d', 30],
    ['0d', 30],
    ['9999d', 365],
  ])('of %s is of %i days', (window, days) => {
    expect(windowDays(window)).toBe(days)
  })
})
