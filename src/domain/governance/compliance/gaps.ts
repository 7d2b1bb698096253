import type { ComplianceMap, ControlResult, CoverageSummary } from './rules.ts'

export interface RemediationItem {
  /** From 1: the most pressing. */
  priority: number
  control_id: string
  title: string
  status: ControlResult['status']
  agent_relevance: ControlResult['agent_relevance']
  recommendations: readonly string[]
  estimated_effort: string
}

export interface GapAnalysis {
  framework: string
  analysis_date: string
  summary: CoverageSummary & {
    critical_gaps: number
    high_gaps: number
    total_remediation_items: number
    estimated_total_effort: string
  }
  remediation_plan: readonly RemediationItem[]
  quick_wins: readonly RemediationItem[]
  risk_assessment: {
    overall_risk: ComplianceRisk
    narrative: string
    immediate_actions: readonly string[]
  }
}

export type ComplianceRisk = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'

const RELEVANCE = ['critical', 'high', 'medium', 'low'] as const
const STATUS = ['gap', 'partial', 'covered'] as const
/** Hours by the number of recommendations. */
const EFFORTS = [
  [1, 2],
  [2, 4],
  [4, 8],
  [8, 16],
] as const
const QUICK = 2
const MOST_ACTIONS = 5

/** What is missing, the most pressing first, and how risky that is. */
export function gapAnalysis(map: ComplianceMap): GapAnalysis {
  const open = map.controls.filter(({ status }) => status !== 'covered').toSorted(byUrgency)
  const plan = open.map(remediation)
  const least = open.reduce((sum, control) => sum + effortOf(control)[0], 0)
  const gapsOf = (relevance: ControlResult['agent_relevance']) =>
    open.filter((each) => each.status === 'gap' && each.agent_relevance === relevance)
  const risk = riskOf(map.summary.coverage_percentage)
  return {
    framework: map.framework,
    analysis_date: map.generated_at,
    summary: {
      ...map.summary,
      critical_gaps: gapsOf('critical').length,
      high_gaps: gapsOf('high').length,
      total_remediation_items: plan.length,
      estimated_total_effort: hours(least, Math.ceil(least * 1.5)),
    },
    remediation_plan: plan,
    quick_wins: plan.filter((_, i) => effortOf(open[i] as ControlResult)[0] <= QUICK),
    risk_assessment: {
      overall_risk: risk,
      narrative: narrative(map, risk, gapsOf('critical').length),
      immediate_actions: open
        .filter(({ agent_relevance }) => agent_relevance === 'critical')
        .flatMap(({ control_id, gap_recommendations }) =>
          gap_recommendations.slice(0, 1).map((first) => `${control_id}: ${first}`),
        )
        .slice(0, MOST_ACTIONS),
    },
  }
}

/** Critical before low, gaps before what is partly covered. */
function byUrgency(a: ControlResult, b: ControlResult): number {
  return (
    RELEVANCE.indexOf(a.agent_relevance) - RELEVANCE.indexOf(b.agent_relevance) ||
    STATUS.indexOf(a.status) - STATUS.indexOf(b.status)
  )
}

function remediation(control: ControlResult, i: number): RemediationItem {
  return {
    priority: i + 1,
    control_id: control.control_id,
    title: control.title,
    status: control.status,
    agent_relevance: control.agent_relevance,
    recommendations: control.gap_recommendations,
    estimated_effort: hours(...effortOf(control)),
  }
}

function effortOf({ gap_recommendations }: ControlResult): readonly [number, number] {
  const at = Math.min(EFFORTS.length, Math.max(1, gap_recommendations.length)) - 1
  return EFFORTS[at] as readonly [number, number]
}

function hours(least: number, most: number): string {
  return `${least}-${most} hours`
}

function riskOf(coverage: number): ComplianceRisk {
  if (coverage >= 80) return 'LOW'
  if (coverage >= 60) return 'MEDIUM'
  return coverage >= 40 ? 'HIGH' : 'CRITICAL'
}

function narrative({ summary }: ComplianceMap, risk: ComplianceRisk, critical: number): string {
  const { total_controls, covered, partial, gaps, coverage_percentage } = summary
  const standing = `Policies cover ${covered} of ${total_controls} controls, ${partial} in part; ${gaps} are open.`
  const worst =
    critical === 0 ? 'No critical control is open.' : `Of critical relevance are open: ${critical}.`
  return `${standing} Coverage is ${coverage_percentage} %, which is a ${risk.toLowerCase()} risk. ${worst}`
}
