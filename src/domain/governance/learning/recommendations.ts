import { sha256 } from '../../../base/canonical.ts'
import { age } from '../../../base/text.ts'
import {
  ascending,
  clamp,
  finite,
  groupedBy,
  meanOf,
  medianOf,
  quantile,
  ratio,
  roundTo,
} from '../statistics.ts'
import type { LearnedRecommendation, LearningEpisode, RecommendationHints } from './types.ts'

export const DEFAULT_MIN_SAMPLES = 5
const LEAST_TOP = 3
const TOP_SHARE = 0.35
const FEW = 8

/** The id of what is recommended to an agent for a type of action: the same at every rebuild. */
export function recommendationId(org: string, agent: string, actionType: string): string {
  return `lrec_${sha256(JSON.stringify([org, agent, actionType])).slice(0, 24)}`
}

/**
 * One recommendation per agent and action type with enough episodes, the most certain first. All
 * are active.
 */
export function recommendationsOf(
  org: string,
  episodes: readonly LearningEpisode[],
  minSamples = DEFAULT_MIN_SAMPLES,
): LearnedRecommendation[] {
  const groups = groupedBy(episodes, (each) => JSON.stringify([each.agent_id, each.action_type]))
  return [...groups.values()]
    .filter((group) => group.length >= minSamples)
    .map((group) => recommendation(org, group))
    .toSorted((a, b) => b.confidence - a.confidence || b.sample_size - a.sample_size)
}

function recommendation(org: string, group: readonly LearningEpisode[]): LearnedRecommendation {
  const { agent_id, action_type } = group[0] as LearningEpisode
  const n = group.length
  const topSize = Math.max(LEAST_TOP, Math.ceil(TOP_SHARE * n))
  const top = group.toSorted((a, b) => b.score - a.score).slice(0, topSize)
  const success = ratio(group.filter((each) => each.outcome_label === 'success').length, n)
  const average = meanOf(group.map((each) => each.score))
  const hints = hintsOf(top)
  return {
    id: recommendationId(org, agent_id, action_type),
    agent_id,
    action_type,
    sample_size: n,
    top_sample_size: top.length,
    success_rate: roundTo(success, 4),
    avg_score: roundTo(average, 2),
    confidence: clamp(
      Math.round(35 + Math.min(25, 2 * n) + 25 * success + 0.4 * (average - 50)),
      35,
      95,
    ),
    hints,
    guidance: guidance(hints, n, success),
    active: true,
  }
}

function hintsOf(top: readonly LearningEpisode[]): RecommendationHints {
  const part = (values: readonly number[], share: number) => {
    const value = quantile(ascending(values), share)
    return value === null ? null : Math.round(value)
  }
  const duration = medianOf(finite(top.map((each) => each.duration_ms)))
  const cost = medianOf(finite(top.map((each) => each.cost_estimate)))
  return {
    preferred_risk_cap: part(finite(top.map((each) => each.risk_score)), 0.75),
    prefer_reversible: ratio(top.filter((each) => each.reversible).length, top.length) >= 0.6,
    confidence_floor: part(finite(top.map((each) => each.confidence)), 0.25),
    expected_duration_ms: duration === null ? null : Math.round(duration),
    expected_cost_estimate: cost === null ? null : roundTo(cost, 2),
  }
}

function guidance(hints: RecommendationHints, n: number, success: number): string[] {
  const { preferred_risk_cap: risk, confidence_floor: confidence } = hints
  const { expected_duration_ms: duration, expected_cost_estimate: cost } = hints
  return [
    risk === null ? '' : `Keep the risk at or below ${risk}.`,
    hints.prefer_reversible ? 'Prefer reversible actions.' : '',
    confidence === null ? '' : `Act only with a confidence of at least ${confidence}.`,
    duration === null ? '' : `Expect it to take about ${age(duration)}.`,
    cost === null ? '' : `Expect it to cost about $${cost.toFixed(2)}.`,
    n < FEW ? `Based on ${n} episodes only: treat it as a first impression.` : '',
    success < 0.5 ? 'Fewer than half of the episodes succeeded: look for another approach.' : '',
  ].filter((sentence) => sentence !== '')
}

/** A recommendation as agents read it as a lesson. */
export interface LearnedLesson {
  action_type: string
  confidence: number
  success_rate: number
  hints: {
    risk_cap: number | null
    prefer_reversible: boolean
    confidence_floor: number | null
    expected_duration: number | null
    expected_cost: number | null
  }
  guidance: string
  sample_size: number
}

export function learnedLesson(learned: LearnedRecommendation): LearnedLesson {
  const { hints } = learned
  return {
    action_type: learned.action_type,
    confidence: learned.confidence,
    success_rate: learned.success_rate,
    hints: {
      risk_cap: hints.preferred_risk_cap,
      prefer_reversible: hints.prefer_reversible,
      confidence_floor: hints.confidence_floor,
      expected_duration: hints.expected_duration_ms,
      expected_cost: hints.expected_cost_estimate,
    },
    guidance: learned.guidance.join(' '),
    sample_size: learned.sample_size,
  }
}
