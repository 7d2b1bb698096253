import { allSums, type Sums } from '../records/sums.ts'
import { groupedBy, quantile, ratio, roundTo, slopeOf } from '../statistics.ts'
import { DAY, utcDate } from '../times.ts'
import { summedScores, type EpisodeDay } from './sums.ts'

export type LearningPeriod = 'daily' | 'weekly'

/** What an agent has to show for a level of maturity, lowest first. */
export const MATURITY_LEVELS = [
  { level: 'novice', min_episodes: 0, min_success_rate: 0, min_avg_score: 0 },
  { level: 'developing', min_episodes: 10, min_success_rate: 0.4, min_avg_score: 40 },
  { level: 'competent', min_episodes: 50, min_success_rate: 0.6, min_avg_score: 55 },
  { level: 'proficient', min_episodes: 150, min_success_rate: 0.75, min_avg_score: 65 },
  { level: 'expert', min_episodes: 500, min_success_rate: 0.85, min_avg_score: 75 },
  { level: 'master', min_episodes: 1000, min_success_rate: 0.92, min_avg_score: 85 },
] as const
export type MaturityLevel = (typeof MATURITY_LEVELS)[number]['level']

export interface Attainment {
  episodes: number
  successRate: number
  averageScore: number
}

export function maturityOf({ episodes, successRate, averageScore }: Attainment): {
  level: MaturityLevel
  score: number
} {
  const reached = MATURITY_LEVELS.findLast(
    (each) =>
      episodes >= each.min_episodes &&
      successRate >= each.min_success_rate &&
      averageScore >= each.min_avg_score,
  )
  const score = 30 * Math.min(episodes / 1000, 1) + 40 * successRate + (30 * averageScore) / 100
  return { level: reached?.level ?? 'novice', score: roundTo(score, 2) }
}

/** How an agent's scores change over time. */
export interface LearningVelocity {
  agent_id: string
  period: LearningPeriod
  period_start: string
  period_end: string
  episode_count: number
  avg_score: number
  success_rate: number
  score_delta: number
  velocity: number
  acceleration: number
  maturity_score: number
  maturity_level: MaturityLevel
}

const LEAST_EPISODES = 3
const LEAST_WINDOWS = 2

/** One row per agent that has three episodes in two windows or more. */
export function learningVelocity(
  days: readonly EpisodeDay[],
  period: LearningPeriod,
): LearningVelocity[] {
  return [...groupedBy(days, ({ agent_id }) => agent_id)].flatMap(([agent, own]) => {
    const windows = windowsOf(own, period)
    const all = allSums(own)
    const { episodes = 0 } = all
    if (episodes < LEAST_EPISODES || windows.length < LEAST_WINDOWS) return []
    const means = windows.map(([, inside]) => meanScore(inside))
    const averageScore = meanScore(all)
    const successRate = successOf(all)
    const maturity = maturityOf({ episodes, successRate, averageScore })
    return [
      {
        agent_id: agent,
        period,
        period_start: windows[0]?.[0] ?? '',
        period_end: endOf(windows.at(-1)?.[0] ?? '', period),
        episode_count: episodes,
        avg_score: roundTo(averageScore, 2),
        success_rate: roundTo(successRate, 4),
        score_delta: roundTo((means.at(-1) ?? 0) - (means[0] ?? 0), 2),
        velocity: roundTo(slopeOf(means), 4),
        acceleration: roundTo(acceleration(means), 4),
        maturity_score: maturity.score,
        maturity_level: maturity.level,
      },
    ]
  })
}

/** How much steeper the second half of the windows is than the first. */
function acceleration(means: readonly number[]): number {
  if (means.length < 3) return 0
  const half = Math.floor(means.length / 2)
  return slopeOf(means.slice(half)) - slopeOf(means.slice(0, half))
}

/** A week of an agent's episodes of one type. */
export interface LearningCurvePoint {
  agent_id: string
  action_type: string
  window_start: string
  window_end: string
  episode_count: number
  avg_score: number
  success_rate: number
  avg_duration_ms: number | null
  avg_cost: number | null
  p25_score: number
  p75_score: number
}

/** Weeks of every agent and action type that has three episodes or more, oldest first. */
export function learningCurves(days: readonly EpisodeDay[]): LearningCurvePoint[] {
  const groups = groupedBy(days, (each) => JSON.stringify([each.agent_id, each.action_type]))
  return [...groups.values()]
    .filter((group) => (allSums(group)['episodes'] ?? 0) >= LEAST_EPISODES)
    .flatMap((group) =>
      windowsOf(group, 'weekly').map(([start, inside]) =>
        curvePoint(group[0] as EpisodeDay, start, inside),
      ),
    )
}

function curvePoint(
  { agent_id, action_type }: EpisodeDay,
  start: string,
  inside: Sums,
): LearningCurvePoint {
  const { episodes = 0, durations = 0, duration = 0, costs = 0, cost = 0 } = inside
  const scores = summedScores(inside)
  return {
    agent_id,
    action_type,
    window_start: start,
    window_end: endOf(start, 'weekly'),
    episode_count: episodes,
    avg_score: roundTo(meanScore(inside), 2),
    success_rate: roundTo(successOf(inside), 4),
    avg_duration_ms: durations === 0 ? null : roundTo(duration / durations, 0),
    avg_cost: costs === 0 ? null : roundTo(cost / costs, 4),
    p25_score: roundTo(quantile(scores, 0.25) ?? 0, 2),
    p75_score: roundTo(quantile(scores, 0.75) ?? 0, 2),
  }
}

/** The mean score of episodes that were added up. */
function meanScore({ episodes = 0, score = 0 }: Sums): number {
  return ratio(score, episodes)
}

function successOf({ episodes = 0, success = 0 }: Sums): number {
  return ratio(success, episodes)
}

/** How episodes went that were added up. */
export interface EpisodeSummary {
  episode_count: number
  avg_score: number | null
  success_rate: number | null
}

export function episodeSummary(sums: Sums): EpisodeSummary {
  const { episodes = 0 } = sums
  if (episodes === 0) return { episode_count: 0, avg_score: null, success_rate: null }
  return {
    episode_count: episodes,
    avg_score: roundTo(meanScore(sums), 2),
    success_rate: roundTo(successOf(sums), 4),
  }
}

/** Days by the UTC day, or week from Monday, that they fall into, added up; oldest first. */
function windowsOf(
  days: readonly EpisodeDay[],
  period: LearningPeriod,
): [start: string, inside: Sums][] {
  const groups = groupedBy(days, ({ date }) => startOf(Date.parse(date), period))
  return [...groups]
    .map(([start, inside]): [string, Sums] => [start, allSums(inside)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function startOf(at: number, period: LearningPeriod): string {
  const sinceMonday = period === 'daily' ? 0 : (new Date(at).getUTCDay() + 6) % 7
  return utcDate(at - sinceMonday * DAY)
}

function endOf(start: string, period: LearningPeriod): string {
  return utcDate(Date.parse(start) + (period === 'daily' ? 0 : 6) * DAY)
}
