import { learnedLesson } from '../../../../domain/governance/learning/recommendations.ts'
import type { RecommendationRow } from '../../../../domain/governance/learning/service.ts'
import type { DriftAlertRow } from '../../../../domain/governance/drift/service.ts'
import { ratio } from '../../../../domain/governance/statistics.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import { AgentId, clamped, fields, json, paged, Score, someText, text } from '../../inputs.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import type { ApiServices } from '../../services.ts'

interface LessonQuery {
  agent: string | undefined
  type?: string | undefined
  limit: number
}

/** Recommendations in use, the most certain first, as lessons. */
function lessonsOf({ records }: ApiServices, org: string, { agent, type, limit }: LessonQuery) {
  const found = records.find<RecommendationRow>(org, 'learning_recommendation', {
    agent,
    where: { action_type: type, active: true },
    order: ['-confidence', '-sample_size'],
    limit,
  })
  return found.map(learnedLesson)
}

/** Alerts of drift that nobody acknowledged, as warnings. */
function driftWarnings({ records }: ApiServices, org: string, agent: string | undefined) {
  return records
    .find<DriftAlertRow>(org, 'drift_alert', { agent, status: 'open', limit: 20 })
    .map(({ metric, severity, z_score, direction }) => ({ metric, severity, z_score, direction }))
}

function decisionStats(api: ApiServices, org: string, agent: string | undefined) {
  const of = agent === undefined ? ['all'] : ['agent', agent]
  const { decisions = 0, decided = 0, success = 0 } = api.records.sums(org, 'learning_decision', of)
  const lessons = { agent, where: { active: true } }
  const total = api.records.count(org, 'learning_recommendation', lessons)
  return {
    totalDecisions: decisions,
    totalLessons: total,
    /** In percent of the decisions whose outcome is known. */
    successRate: Math.round(100 * ratio(success, decided)),
    patterns: total,
  }
}

/** Decisions that agents write down, and what they learned. */
export const learningDecisionEndpoints: readonly Endpoint[] = [
  endpoint('POST /learning', {
    about: 'Writes down a decision to learn from.',
    status: 201,
    input: () =>
      fields({
        decision: someText(2000),
        agent_id: AgentId.optional(),
        context: json(8192).optional(),
        reasoning: text(5000).optional(),
        outcome: someText(200).default('pending'),
        confidence: Score.default(50),
      }),
    run: async ({ records }, given, caller) => {
      const agent = given.agent_id ?? caller.tenant.agentId ?? null
      const decision = await records.write(recordAuthorOf(caller, agent), (changes) => {
        const row = {
          id: changes.serial,
          org_id: caller.tenant.org,
          agent_id: agent,
          decision: given.decision,
          context: given.context ?? null,
          reasoning: given.reasoning ?? null,
          outcome: given.outcome,
          confidence: given.confidence,
          created_at: changes.now,
        }
        changes.make('learning_decision', String(row.id), row)
        return row
      })
      return { decision }
    },
  }),
  endpoint('GET /learning', {
    about: 'Decisions, the newest first, and what was learned.',
    input: () => fields({ agent_id: AgentId.optional(), ...paged(200, 50) }),
    run: (api, { agent_id: agent, limit, offset }, { tenant: { org } }) => ({
      decisions: api.records.find(org, 'learning_decision', { agent, limit, offset }),
      lessons: lessonsOf(api, org, { agent, limit }),
      stats: decisionStats(api, org, agent),
      lastUpdated: new Date(api.clock.now()).toISOString(),
    }),
  }),
  endpoint('GET /learning/lessons', {
    about: 'What was learned for a type of action, and warnings of drift.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        action_type: text(128).optional(),
        limit: clamped(1, 200, 10),
      }),
    run: (api, { agent_id: agent, action_type: type, limit }, { tenant: { org } }) => ({
      lessons: lessonsOf(api, org, { agent, type, limit }),
      drift_warnings: driftWarnings(api, org, agent),
      agent_id: agent ?? null,
    }),
  }),
]
