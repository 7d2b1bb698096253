import type { ComplianceFramework, FrameworkControl } from '../../../config/frameworks.ts'
import type { ApiPolicy } from '../policies/types.ts'
import {
  matchedPolicies,
  policyMeasures,
  type MatchedPolicy,
  type PolicyMeasure,
} from './measures.ts'

export type ControlStatus = 'covered' | 'partial' | 'gap'

export interface ControlResult {
  control_id: string
  title: string
  category: string
  description: string
  agent_relevance: FrameworkControl['relevance']
  status: ControlStatus
  matched_policies: readonly MatchedPolicy[]
  /** What would close the gap; nothing for a control that is covered. */
  gap_recommendations: readonly string[]
}

export interface CoverageSummary {
  total_controls: number
  covered: number
  partial: number
  gaps: number
  coverage_percentage: number
}

/** Which controls of a framework the policies cover. */
export interface ComplianceMap {
  framework: string
  framework_version: string
  project: string
  generated_at: string
  summary: CoverageSummary
  controls: readonly ControlResult[]
}

export interface MapRequest {
  project: string
  /** ISO 8601. */
  at: string
}

export function complianceMap(
  framework: ComplianceFramework,
  policies: readonly ApiPolicy[],
  { project, at }: MapRequest,
): ComplianceMap {
  const measures = policyMeasures(policies)
  const controls = framework.controls.map((control) => controlResult(control, measures))
  return {
    framework: framework.id,
    framework_version: framework.version,
    project,
    generated_at: at,
    summary: coverageSummary(controls),
    controls,
  }
}

function controlResult(
  control: FrameworkControl,
  measures: readonly PolicyMeasure[],
): ControlResult {
  const matched = matchedPolicies(control, measures)
  const status = statusOf(matched)
  return {
    control_id: control.id,
    title: control.title,
    category: control.category,
    description: control.description,
    agent_relevance: control.relevance,
    status,
    matched_policies: matched,
    gap_recommendations: status === 'covered' ? [] : control.recommendations,
  }
}

function statusOf(matched: readonly MatchedPolicy[]): ControlStatus {
  if (matched.some(({ mapping_coverage }) => mapping_coverage === 'full')) return 'covered'
  return matched.length > 0 ? 'partial' : 'gap'
}

function coverageSummary(controls: readonly Pick<ControlResult, 'status'>[]): CoverageSummary {
  const total = controls.length
  const has = (status: ControlStatus) => controls.filter((each) => each.status === status).length
  const [covered, partial] = [has('covered'), has('partial')]
  return {
    total_controls: total,
    covered,
    partial,
    gaps: total - covered - partial,
    coverage_percentage: total === 0 ? 0 : Math.round(((covered + 0.5 * partial) / total) * 100),
  }
}

/** A framework as lists show it. */
export function frameworkRow({ id, name, version, description, controls }: ComplianceFramework): {
  id: string
  name: string
  version: string
  description: string
  control_count: number
} {
  return { id, name, version, description, control_count: controls.length }
}
