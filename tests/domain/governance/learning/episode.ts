import { episodeDay, episodeSums } from '../../../../src/domain/governance/learning/sums.ts'
import type { LearningEpisode } from '../../../../src/domain/governance/learning/types.ts'
import { summedGroups } from '../summed.ts'

/** A build of scout that went well. */
export function learningEpisode(over: Partial<LearningEpisode> = {}): LearningEpisode {
  return {
    action_id: 'act_1',
    agent_id: 'scout',
    action_type: 'build',
    status: 'completed',
    outcome_label: 'success',
    score: 80,
    risk_score: 20,
    reversible: true,
    confidence: 80,
    duration_ms: null,
    cost_estimate: null,
    recommendation_id: null,
    created_at: '2026-06-01T00:00:00.000Z',
    ...over,
  }
}

/** Episodes added up by day. */
export function episodeDays(episodes: readonly LearningEpisode[]) {
  return summedGroups(episodes, episodeSums)
    .filter(({ of }) => of[0] === 'day')
    .map(episodeDay)
}
