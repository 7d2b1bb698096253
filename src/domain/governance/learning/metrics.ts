import { allSums, type Sums } from '../records/sums.ts'
import { finite, meanOf, roundTo } from '../statistics.ts'
import type { EpisodeDay } from './sums.ts'
import type { LearnedRecommendation } from './types.ts'

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

/** What became of a recommendation. `days`: those of its agent and action type. */
export function recommendationMetrics(
  learned: Pick<LearnedRecommendation, 'id' | 'agent_id' | 'action_type' | 'active'>,
  use: RecommendationUse,
  days: readonly EpisodeDay[],
): RecommendationMetrics {
  const isApplied = (each: EpisodeDay) => each.recommendation === learned.id
  const applied = outcomeSummary(allSums(days.filter(isApplied)))
  const baseline = outcomeSummary(allSums(days.filter((each) => !isApplied(each))))
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

function outcomeSummary(sums: Sums): OutcomeSummary {
  const { episodes: total = 0, success = 0, failure = 0, score = 0 } = sums
  const { durations = 0, duration = 0, costs = 0, cost = 0 } = sums
  const mean = (sum: number, of: number, decimals: number) =>
    of === 0 ? null : roundTo(sum / of, decimals)
  return {
    total,
    success_rate: mean(success, total, 4),
    failure_rate: mean(failure, total, 4),
    avg_score: mean(score, total, 2),
    avg_duration_ms: mean(duration, durations, 0),
    avg_cost_estimate: mean(cost, costs, 4),
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
