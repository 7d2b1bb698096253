import * as z from 'zod'
import {
  episodeSummary,
  learningCurves,
  learningVelocity,
  MATURITY_LEVELS,
  maturityOf,
} from '../../../../domain/governance/learning/progress.ts'
import { EPISODE_GROUPS } from '../../../../domain/governance/learning/sums.ts'
import { allSums, type GroupSums } from '../../../../domain/governance/records/sums.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import { AgentId, clamped, fields, text } from '../../inputs.ts'
import type { ApiServices } from '../../services.ts'

const MOST_AGENTS = 200

/** Episodes that were added up, by the last part of their group. */
function groupsOf({ records }: ApiServices, org: string, of: readonly string[]): GroupSums[] {
  return records.sumsOf(org, 'learning_episode', of, { limit: MOST_AGENTS })
}

function byName(groups: readonly GroupSums[], field: 'agent_id' | 'action_type') {
  return groups
    .map(({ of, sums }) => ({ [field]: of.at(-1) ?? '', ...episodeSummary(sums) }))
    .toSorted((a, b) => b.episode_count - a.episode_count)
}

function maturity({ of, sums }: GroupSums) {
  const { episode_count: episodes, success_rate: success, avg_score: score } = episodeSummary(sums)
  const attained = maturityOf({ episodes, successRate: success ?? 0, averageScore: score ?? 0 })
  return { agent_id: of.at(-1) ?? '', level: attained.level, maturity_score: attained.score }
}

function summary(api: ApiServices, org: string, agent: string | undefined) {
  const { agent: ofAgent, agentAndType, type } = EPISODE_GROUPS
  const types = groupsOf(api, org, agent === undefined ? [type] : [agentAndType, agent])
  const agents =
    agent === undefined
      ? groupsOf(api, org, [ofAgent])
      : [
          {
            of: [ofAgent, agent],
            sums: api.records.sums(org, 'learning_episode', [ofAgent, agent]),
          },
        ]
  const recommendations = (active?: boolean) =>
    api.records.count(org, 'learning_recommendation', { agent, where: { active } })
  return {
    overall: episodeSummary(allSums(agents)),
    by_agent: byName(agents, 'agent_id'),
    by_action_type: byName(types, 'action_type'),
    velocity: learningVelocity(api.learning.days(org, agent, 30), 'daily'),
    recommendations: { total: recommendations(), active: recommendations(true) },
    lastUpdated: new Date(api.clock.now()).toISOString(),
  }
}

/** How fast agents learn. It is computed from what is folded, so nothing has to be built first. */
export const learningAnalyticsEndpoints: readonly Endpoint[] = [
  endpoint('GET /learning/analytics/velocity', {
    about: 'How scores of agents change, day by day.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        lookback_days: clamped(1, 365, 30),
        limit: clamped(1, 100, 30),
      }),
    run: ({ learning }, asked, { tenant: { org } }) => {
      const days = learning.days(org, asked.agent_id, asked.lookback_days)
      return { velocity: learningVelocity(days, 'daily').slice(0, asked.limit) }
    },
  }),
  endpoint('POST /learning/analytics/velocity', {
    about: 'Computes how scores of agents change, by day or week.',
    status: 201,
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        lookback_days: clamped(1, 365, 30),
        period: z.enum(['daily', 'weekly']).default('daily'),
      }),
    run: ({ learning }, { agent_id: agent, lookback_days: days, period }, { tenant: { org } }) => {
      const results = learningVelocity(learning.days(org, agent, days), period)
      return { agents_computed: results.length, results }
    },
  }),
  endpoint('GET /learning/analytics/curves', {
    about: 'Weeks of each agent and type of action, the oldest first.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        action_type: text(128).optional(),
        lookback_days: clamped(1, 365, 60),
        limit: clamped(1, 200, 50),
      }),
    run: ({ learning }, asked, { tenant: { org } }) => {
      const days = learning.days(org, asked.agent_id, asked.lookback_days)
      const { action_type: type } = asked
      const own = type === undefined ? days : days.filter((day) => day.action_type === type)
      return { curves: learningCurves(own).slice(-asked.limit) }
    },
  }),
  endpoint('POST /learning/analytics/curves', {
    about: 'Computes the weeks of each agent and type of action.',
    status: 201,
    input: () => fields({ agent_id: AgentId.optional(), lookback_days: clamped(1, 365, 60) }),
    run: ({ learning }, { agent_id: agent, lookback_days: days }, { tenant: { org } }) => {
      const results = learningCurves(learning.days(org, agent, days))
      return { curves_computed: results.length, results }
    },
  }),
  endpoint('GET /learning/analytics/summary', {
    about: 'Learning as a whole: by agent, by type of action, velocity, recommendations.',
    input: () => fields({ agent_id: AgentId.optional() }),
    run: (api, { agent_id: agent }, { tenant: { org } }) => summary(api, org, agent),
  }),
  endpoint('GET /learning/analytics/maturity', {
    about: 'The levels of maturity, what each needs, and where agents stand.',
    input: () => fields({}),
    run: (api, _asked, { tenant: { org } }) => ({
      levels: MATURITY_LEVELS,
      agents: groupsOf(api, org, [EPISODE_GROUPS.agent]).map(maturity),
    }),
  }),
]
