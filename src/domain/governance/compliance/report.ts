import type { ComplianceEvidence } from './evidence.ts'
import type { GapAnalysis } from './gaps.ts'
import type { ComplianceMap, ControlResult } from './rules.ts'
import type { CoverageTrend } from './trends.ts'

export interface ReportParts {
  name: string
  map: ComplianceMap
  gaps: GapAnalysis
  /** Parts that are left out if there are none. */
  evidence?: ComplianceEvidence | undefined
  trends?: readonly CoverageTrend[] | undefined
  /** Whether it says what to do next; otherwise yes. */
  remediation?: boolean | undefined
}

/** A report as text, in either format. */
export function complianceReport(parts: ReportParts, format: 'json' | 'md'): string {
  if (format === 'json') return JSON.stringify(parts, null, 2)
  return [
    ...head(parts),
    ...summaryPart(parts),
    ...controlsPart(parts.map.controls),
    ...(parts.remediation === false ? [] : planPart(parts.gaps)),
    ...(parts.evidence === undefined ? [] : evidencePart(parts.evidence)),
    ...(parts.trends === undefined ? [] : trendPart(parts.trends)),
    '',
  ].join('\n')
}

/** Reports on several frameworks as one document. */
export function complianceExport(reports: readonly ReportParts[], format: 'json' | 'md'): string {
  if (format === 'json') return JSON.stringify({ reports }, null, 2)
  return reports.map((each) => complianceReport(each, 'md')).join('\n---\n\n')
}

function head({ name, map }: ReportParts): string[] {
  return [
    `# ${inLine(name)} compliance report`,
    '',
    `Project ${inLine(map.project)} · version ${inLine(map.framework_version)} · ${map.generated_at}`,
    '',
  ]
}

function summaryPart({ map, gaps }: ReportParts): string[] {
  const { total_controls, covered, partial, gaps: open, coverage_percentage } = map.summary
  return [
    '## Summary',
    '',
    '| Controls | Covered | Partial | Gaps | Coverage | Risk |',
    '| --- | --- | --- | --- | --- | --- |',
    `| ${total_controls} | ${covered} | ${partial} | ${open} | ${coverage_percentage} % | ${gaps.risk_assessment.overall_risk} |`,
    '',
    gaps.risk_assessment.narrative,
    '',
  ]
}

function controlsPart(controls: readonly ControlResult[]): string[] {
  return ['## Controls', '', ...controls.flatMap(controlPart)]
}

function controlPart(control: ControlResult): string[] {
  return [
    `### ${control.control_id} ${inLine(control.title)}`,
    '',
    `${control.status} · ${control.agent_relevance} · ${inLine(control.category)}`,
    '',
    control.description,
    '',
    ...control.matched_policies.map(
      (each) =>
        `- ${inLine(each.policy_description)} (${each.mapping_coverage}): ${inLine(each.rationale)}`,
    ),
    ...(control.matched_policies.length > 0 ? [''] : []),
  ]
}

function planPart({ remediation_plan }: GapAnalysis): string[] {
  if (remediation_plan.length === 0) return []
  return [
    '## What to do next',
    '',
    ...remediation_plan.flatMap((item) => [
      `${item.priority}. **${item.control_id} ${inLine(item.title)}** (${item.agent_relevance}, ${item.estimated_effort})`,
      ...item.recommendations.map((each) => `   - ${each}`),
    ]),
    '',
  ]
}

function evidencePart({ window_days, evidence }: ComplianceEvidence): string[] {
  return [
    `## Evidence of the last ${window_days} days`,
    '',
    `- Decisions of the guard: ${evidence.guard_decisions_total}`,
    `- Blocked: ${evidence.guard_decisions_blocked}`,
    `- Held or warned: ${evidence.approval_requests}`,
    `- Actions recorded: ${evidence.action_records_total}`,
    '',
  ]
}

function trendPart(trends: readonly CoverageTrend[]): string[] {
  return [
    '## Coverage over time',
    '',
    ...trends.map(
      ({ generated_at, coverage_percentage, change }) =>
        `- ${generated_at}: ${coverage_percentage} % (${change >= 0 ? '+' : ''}${change})`,
    ),
    '',
  ]
}

/** A name inside of a line: nothing in it is markup, and it has no line breaks. */
function inLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&')
}
