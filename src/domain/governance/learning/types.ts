import type { LedgerStatus } from '../types.ts'

export type OutcomeLabel = 'success' | 'failure' | 'pending'

/** A scored action: what learning starts from. */
export interface LearningEpisode {
  action_id: string
  agent_id: string
  action_type: string
  status: LedgerStatus
  outcome_label: OutcomeLabel
  score: number
  risk_score: number
  reversible: boolean
  confidence: number
  duration_ms: number | null
  cost_estimate: number | null
  /** Whether a recommendation was applied, and which. */
  recommendation_id: string | null
  created_at: string
}

/** What the best episodes of an agent and action type have in common; null where unknown. */
export interface RecommendationHints {
  preferred_risk_cap: number | null
  prefer_reversible: boolean
  confidence_floor: number | null
  expected_duration_ms: number | null
  expected_cost_estimate: number | null
}

export interface LearnedRecommendation {
  id: string
  agent_id: string
  action_type: string
  sample_size: number
  top_sample_size: number
  success_rate: number
  avg_score: number
  confidence: number
  hints: RecommendationHints
  guidance: readonly string[]
  active: boolean
}
