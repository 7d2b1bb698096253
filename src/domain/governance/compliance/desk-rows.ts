import type { Decision } from '../../policy/types.ts'
import type { ControlResult } from './rules.ts'
import type { DecisionLine, EvidenceLine } from './types.ts'

const STATUS = ['gap', 'partial', 'covered'] as const
const RELEVANCE = ['critical', 'high', 'medium', 'low'] as const
/** So many decisions are shown as evidence. */
const MOST_DECISIONS = 50
const MAX_GOAL = 300

/** Gaps first, among them what matters most to agents. */
export function controlsByNeed(controls: readonly ControlResult[]): ControlResult[] {
  return controls.toSorted(
    (a, b) =>
      STATUS.indexOf(a.status) - STATUS.indexOf(b.status) ||
      RELEVANCE.indexOf(a.agent_relevance) - RELEVANCE.indexOf(b.agent_relevance),
  )
}

/** What is missing of a control, then the policies that cover it, those that cover most first. */
export function evidenceOf(control: ControlResult, org: string): EvidenceLine[] {
  const { gap_recommendations: advice, matched_policies: matched } = control
  const policies = matched.toSorted(
    (a, b) => Number(b.mapping_coverage === 'full') - Number(a.mapping_coverage === 'full'),
  )
  return [
    ...advice.map((text, i) => ({ id: `advice/${i}`, kind: 'advice' as const, text })),
    ...policies.map((policy) => ({
      id: `policy/${policy.policy_id}`,
      kind: 'policy' as const,
      org,
      policy: policy.policy_id,
      name: policy.policy_description,
      coverage: policy.mapping_coverage,
      rationale: policy.rationale,
    })),
  ]
}

/** A decision of the guard, as it is stored. */
export interface DecisionRow {
  id: string
  org_id: string
  agent_id: string | null
  action_type: string
  decision: Decision
  matched_policies: readonly string[]
  context?: { declared_goal?: string | null }
  ledger_action_id?: string | null
  created_at: string
}

/** Those of the decisions that one of these policies took part in, in the same order. */
export function decisionsOf(
  decisions: readonly DecisionRow[],
  policies: ReadonlySet<string>,
  agentName: (agent: string) => string,
): DecisionLine[] {
  return decisions
    .flatMap((row) => {
      const policy = row.matched_policies.find((id) => policies.has(id))
      return policy === undefined ? [] : [{ row, policy }]
    })
    .slice(0, MOST_DECISIONS)
    .map(({ row, policy }) => ({
      id: `decision/${row.id}`,
      kind: 'decision',
      org: row.org_id,
      agent: row.agent_id === null ? '' : agentName(row.agent_id),
      type: row.action_type,
      goal: (row.context?.declared_goal ?? '').slice(0, MAX_GOAL),
      decision: row.decision,
      at: Date.parse(row.created_at),
      action: row.ledger_action_id ?? '',
      policy,
    }))
}
