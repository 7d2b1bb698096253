import type { GroupSums, Sums } from '../records/sums.ts'
import { utcDate } from '../times.ts'
import type { LearningEpisode } from './types.ts'

/** Episodes of an agent and action type on a UTC day that followed one recommendation, added up. */
export interface EpisodeDay {
  agent_id: string
  action_type: string
  date: string
  /** The id of the recommendation; '' for none. */
  recommendation: string
  sums: Sums
}

/** Groups of episodes begin with one of these. */
export const EPISODE_GROUPS = {
  agent: 'agent',
  agentAndType: 'agent-type',
  type: 'type',
  day: 'day',
} as const

/** What an episode adds to: by agent, by type of action, both, and by day. */
export function episodeSums(episode: LearningEpisode): GroupSums[] {
  const { agent_id: agent, action_type: type, created_at: at, score } = episode
  const { duration_ms: duration, cost_estimate: cost } = episode
  const sums = {
    episodes: 1,
    score,
    risk: episode.risk_score,
    [episode.outcome_label]: 1,
    ...(duration === null ? {} : { durations: 1, duration }),
    ...(cost === null ? {} : { costs: 1, cost }),
  }
  return [
    { of: [EPISODE_GROUPS.agent, agent], sums },
    { of: [EPISODE_GROUPS.agentAndType, agent, type], sums },
    { of: [EPISODE_GROUPS.type, type], sums },
    {
      of: [
        EPISODE_GROUPS.day,
        agent,
        utcDate(Date.parse(at)),
        type,
        episode.recommendation_id ?? '',
      ],
      sums: { ...sums, [scoreName(score)]: 1 },
    },
  ]
}

export function episodeDay({ of, sums }: GroupSums): EpisodeDay {
  const [, agent = '', date = '', type = '', recommendation = ''] = of
  return { agent_id: agent, action_type: type, date, recommendation, sums }
}

/** How often each score occurs: quantiles follow from that. */
function scoreName(score: number): string {
  return `score_${score}`
}

/** The scores that were added up, ascending. */
export function summedScores(sums: Sums): number[] {
  return Array.from({ length: 101 }, (_, score) => score).flatMap((score) =>
    Array.from({ length: sums[scoreName(score)] ?? 0 }, () => score),
  )
}
