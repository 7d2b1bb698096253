import { meanOrNull, roundTo, sampleDeviation } from '../statistics.ts'

interface StoredScore {
  composite_score: number
  agent_id: string | null
  action_id: string | null
}

/** The statistics of a profile's scores; null where there are none. */
export function profileScoreStats(
  scores: readonly StoredScore[],
): Record<'total_scores' | 'unique_agents' | 'unique_actions', number> &
  Record<'avg_score' | 'min_score' | 'max_score' | 'stddev_score', number | null> {
  const values = scores.map(({ composite_score }) => composite_score)
  const some = values.length > 0
  const unique = (ids: readonly (string | null)[]) => new Set(ids.filter((id) => id !== null)).size
  return {
    total_scores: values.length,
    avg_score: meanOrNull(values, 2),
    min_score: some ? values.reduce((a, b) => Math.min(a, b)) : null,
    max_score: some ? values.reduce((a, b) => Math.max(a, b)) : null,
    stddev_score: some ? roundTo(sampleDeviation(values), 2) : null,
    unique_agents: unique(scores.map(({ agent_id }) => agent_id)),
    unique_actions: unique(scores.map(({ action_id }) => action_id)),
  }
}
