import { finite, meanOf, meanOrNull, ratio, roundTo } from '../statistics.ts'
import type { LearnedRecommendation, LearningEpisode } from './types.ts'

/** How often a recommendation was fetched, applied, overridden, and had an outcome. */
export interface RecommendationUse {
  fetched: number
  applied: number
  overridden: number
  outcomes: number
}

export interface OutcomeSummary {
  total: number
  success_rate: number | null
  failure_rate: number | null
  avg_score: number | null
  avg_duration_ms: number | null
  avg_cost_estimate: number | null
}

export interface RecommendationMetrics {
  recommendation_id: string
  agent_id: string
  action_type: string
  active: boolean
  telemetry: RecommendationUse & { adoption_rate: number | null }
  outcomes: { applied: OutcomeSummary; baseline: OutcomeSummary }
  deltas: {
    success_lift: number | null
    failure_reduction: number | null
    latency_delta_ms: number | null
    cost_delta_estimate: number | null
  }
}

/** What became of a recommendation. `episodes`: those of its agent and action type. */
export function recommendationMetrics(
  learned: Pick<LearnedRecommendation, 'id' | 'agent_id' | 'action_type' | 'active'>,
  use: RecommendationUse,
  episodes: readonly LearningEpisode[],
): RecommendationMetrics {
  const isApplied = (each: LearningEpisode) => each.recommendation_id === learned.id
  const applied = outcomeSummary(episodes.filter(isApplied))
  const baseline = outcomeSummary(episodes.filter((each) => !isApplied(each)))
  return {
    recommendation_id: learned.id,
    agent_id: learned.agent_id,
    action_type: learned.action_type,
    active: learned.active,
    telemetry: { ...use, adoption_rate: adoptionRate(use) },
    outcomes: { applied, baseline },
    deltas: {
      success_lift: difference(applied.success_rate, baseline.success_rate, 4),
      failure_reduction: difference(baseline.failure_rate, applied.failure_rate, 4),
      latency_delta_ms: difference(applied.avg_duration_ms, baseline.avg_duration_ms, 0),
      cost_delta_estimate: difference(applied.avg_cost_estimate, baseline.avg_cost_estimate, 4),
    },
  }
}

/** Applied of fetched; without fetches, of those that were decided on. Null: never used. */
function adoptionRate({ fetched, applied, overridden }: RecommendationUse): number | null {
  const of = fetched > 0 ? fetched : applied + overridden
  return of === 0 ? null : Math.min(1, roundTo(applied / of, 4))
}

function outcomeSummary(episodes: readonly LearningEpisode[]): OutcomeSummary {
  const total = episodes.length
  const share = (label: LearningEpisode['outcome_label']) =>
    total === 0
      ? null
      : roundTo(ratio(episodes.filter((each) => each.outcome_label === label).length, total), 4)
  return {
    total,
    success_rate: share('success'),
    failure_rate: share('failure'),
    avg_score: meanOrNull(finite(episodes.map((each) => each.score)), 2),
    avg_duration_ms: meanOrNull(finite(episodes.map((each) => each.duration_ms)), 0),
    avg_cost_estimate: meanOrNull(finite(episodes.map((each) => each.cost_estimate)), 4),
  }
}

function difference(one: number | null, other: number | null, decimals: number): number | null {
  return one === null || other === null ? null : roundTo(one - other, decimals)
}

export function metricsSummary(metrics: readonly RecommendationMetrics[]): {
  total_recommendations: number
  active_recommendations: number
  avg_adoption_rate: number
  avg_success_lift: number
} {
  const average = (values: readonly (number | null)[]) => roundTo(meanOf(finite(values)), 4)
  return {
    total_recommendations: metrics.length,
    active_recommendations: metrics.filter(({ active }) => active).length,
    avg_adoption_rate: average(metrics.map(({ telemetry }) => telemetry.adoption_rate)),
    avg_success_lift: average(metrics.map(({ deltas }) => deltas.success_lift)),
  }
}
