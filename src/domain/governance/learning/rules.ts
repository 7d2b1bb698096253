import type { Sums } from '../records/sums.ts'
import { meanOrNull } from '../statistics.ts'
import type { DriftSeverity } from '../types.ts'
import { episodeSummary } from './progress.ts'
import type { LearnedRecommendation } from './types.ts'

/** What is known about an agent and a type of action when it asks the guard. */
export interface LearningFacts {
  /** Scores of its last episodes, newest first. */
  recent: readonly number[]
  /** What all of its episodes add up to. */
  episodes: Sums
  /** The worst of its drift alerts that nobody acknowledged. */
  drift: DriftSeverity | null
  /** What is recommended to it for this type of action. */
  recommendations: readonly LearnedRecommendation[]
  /** How people rated what it did, added up. */
  feedback: Sums
}

/** The part of a guard's answer that tells an agent what was learned. */
export interface GuardLearning {
  recent_score_avg: number | null
  baseline_score_avg: number | null
  drift_status: DriftSeverity | null
  patterns: readonly string[]
  feedback_summary: string | null
}

/** How many episodes are recent. */
export const RECENT_EPISODES = 10

/** What was learned, or undefined if there is nothing to tell. */
export function guardLearning(facts: LearningFacts): GuardLearning | undefined {
  const { total = 0, positive = 0, negative = 0 } = facts.feedback
  const learning: GuardLearning = {
    recent_score_avg: meanOrNull(facts.recent, 2),
    baseline_score_avg: episodeSummary(facts.episodes).avg_score,
    drift_status: facts.drift,
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
export const AUTOMATIC_REBUILD = {
  episodes: 10,
  /** Of many episodes, so large a part has to be new: a few more would hardly change anything. */
  part: 0.02,
  lookbackDays: 90,
  minSamples: 3,
  episodeLimit: 5000,
} as const

/** Whether enough was learned since recommendations were last built to build them again. */
export function wantsRebuild(episodesSince: number, episodes: number): boolean {
  const { episodes: least, part, episodeLimit } = AUTOMATIC_REBUILD
  return episodesSince >= Math.max(least, part * Math.min(episodes, episodeLimit))
}

/** The key of the event that an action had an outcome: there is one per action. */
export function outcomeEventKey(actionId: string): string {
  return `outcome:${actionId}`
}
