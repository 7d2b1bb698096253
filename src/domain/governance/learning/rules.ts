import { worstDrift } from '../drift/rules.ts'
import { meanOrNull } from '../statistics.ts'
import type { DriftSeverity } from '../types.ts'
import type { LearnedRecommendation } from './types.ts'

/** What is known about an agent and a type of action when it asks the guard. */
export interface LearningFacts {
  /** Scores of its episodes, newest first. */
  scores: readonly number[]
  /** Severities of its drift alerts that nobody acknowledged. */
  drift: readonly DriftSeverity[]
  /** What is recommended to it for this type of action. */
  recommendations: readonly LearnedRecommendation[]
  /** How people rated what it did. */
  feedback: { positive: number; negative: number; total: number }
}

/** The part of a guard's answer that tells an agent what was learned. */
export interface GuardLearning {
  recent_score_avg: number | null
  baseline_score_avg: number | null
  drift_status: DriftSeverity | null
  patterns: readonly string[]
  feedback_summary: string | null
}

const RECENT = 10

/** What was learned, or undefined if there is nothing to tell. */
export function guardLearning(facts: LearningFacts): GuardLearning | undefined {
  const { total, positive, negative } = facts.feedback
  const learning: GuardLearning = {
    recent_score_avg: meanOrNull(facts.scores.slice(0, RECENT), 2),
    baseline_score_avg: meanOrNull(facts.scores, 2),
    drift_status: worstDrift(facts.drift),
    patterns: facts.recommendations
      .filter(({ active }) => active)
      .map(({ guidance }) => guidance.join(' '))
      .filter((pattern) => pattern !== ''),
    feedback_summary:
      total === 0 ? null : `${positive} positive and ${negative} negative of ${total} ratings`,
  }
  const { patterns, ...values } = learning
  const empty = patterns.length === 0 && Object.values(values).every((value) => value === null)
  return empty ? undefined : learning
}

/** When recommendations are built again without being asked to, and from what. */
export const AUTOMATIC_REBUILD = { episodes: 10, lookbackDays: 90, minSamples: 3 } as const

/** Whether enough was learned since recommendations were last built to build them again. */
export function wantsRebuild(episodesSince: number): boolean {
  return episodesSince >= AUTOMATIC_REBUILD.episodes
}

/** The key of the event that an action had an outcome: there is one per action. */
export function outcomeEventKey(actionId: string): string {
  return `outcome:${actionId}`
}
