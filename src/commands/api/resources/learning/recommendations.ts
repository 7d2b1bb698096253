import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import {
  USES,
  type RecommendationEvent,
} from '../../../../domain/governance/learning/event-sums.ts'
import {
  metricsSummary,
  recommendationMetrics,
  type RecommendationMetrics,
} from '../../../../domain/governance/learning/metrics.ts'
import type { RecommendationRow } from '../../../../domain/governance/learning/service.ts'
import { recordUse, usesSince } from '../../../../domain/governance/learning/uses.ts'
import { required } from '../../../../domain/governance/refusals.ts'
import { DAY } from '../../../../domain/governance/times.ts'
import { authorOf, endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { AgentId, clamped, fields, json, someText, text, YesNo } from '../../inputs.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import type { ApiServices } from '../../services.ts'

const KIND = 'learning_recommendation'

const LISTED = () => ({
  agent_id: AgentId.optional(),
  action_type: text(128).optional(),
  include_inactive: YesNo.default(false),
  lookback_days: clamped(1, 365, 30),
})

type Listed = z.output<z.ZodObject<ReturnType<typeof LISTED>>> & { limit: number }

/** Recommendations, the most certain first. Only admins see those that are switched off. */
function listed({ records }: ApiServices, asked: Listed, caller: ApiCaller): RecommendationRow[] {
  if (asked.include_inactive && caller.role !== 'admin')
    throw new Fault('refused', 'only an admin key lists recommendations that are switched off')
  return records.find<RecommendationRow>(caller.tenant.org, KIND, {
    agent: asked.agent_id,
    where: {
      action_type: asked.action_type,
      active: asked.include_inactive ? undefined : true,
    },
    order: ['-confidence', '-sample_size'],
    limit: asked.limit,
  })
}

/** What became of recommendations within the window. */
function metricsOf(
  { learning, records, clock }: ApiServices,
  org: string,
  { found, days }: { found: readonly RecommendationRow[]; days: number },
): RecommendationMetrics[] {
  const from = clock.now() - days * DAY
  const agents = new Set(found.map(({ agent_id: agent }) => agent))
  const ofAgent = new Map([...agents].map((agent) => [agent, learning.days(org, agent, days)]))
  return found.map((learned) =>
    recommendationMetrics(
      learned,
      usesSince(records, { org, id: learned.id, from }),
      (ofAgent.get(learned.agent_id) ?? []).filter(
        (day) => day.action_type === learned.action_type,
      ),
    ),
  )
}

/** Counts that recommendations were fetched. A key that may only read leaves no trace. */
async function countFetch(
  { records }: ApiServices,
  found: readonly RecommendationRow[],
  caller: ApiCaller,
): Promise<void> {
  const [first] = found
  if (first === undefined || caller.role === 'readonly') return
  await records.write(recordAuthorOf(caller, undefined), (changes) =>
    recordUse(caller.tenant.org, changes, {
      event_type: 'fetched',
      recommendation_id: first.id,
      recommendation_ids: found.map(({ id }) => id),
      agent_id: null,
      action_id: null,
      event_key: null,
      details: null,
    }),
  )
}

const USE = () => ({
  event_type: z.enum(USES),
  recommendation_id: someText(128),
  agent_id: AgentId.optional(),
  action_id: text(128).optional(),
  event_key: someText(200).optional(),
  details: json(8192).optional(),
})

/** One event by its fields, or a list of them. */
const Uses = () =>
  z.preprocess(
    (given) =>
      Array.isArray((given as { events?: unknown } | null)?.events) ? given : { events: [given] },
    z.object({ events: z.array(fields(USE())).min(1).max(100) }),
  )

/** What is recommended to agents, and what came of it. */
export const recommendationEndpoints: readonly Endpoint[] = [
  endpoint('GET /learning/recommendations', {
    about: 'What past outcomes recommend, the most certain first.',
    input: () =>
      fields({
        ...LISTED(),
        limit: clamped(1, 200, 50),
        track_events: YesNo.default(false),
        include_metrics: YesNo.default(false),
      }),
    run: async (api, asked, caller) => {
      const found = listed(api, asked, caller)
      if (asked.track_events) await countFetch(api, found, caller)
      const metrics = asked.include_metrics
        ? metricsOf(api, caller.tenant.org, { found, days: asked.lookback_days })
        : undefined
      return {
        recommendations: found,
        ...(metrics === undefined
          ? {}
          : { metrics: { metrics, summary: metricsSummary(metrics) } }),
        lookback_days: asked.lookback_days,
        total: found.length,
        lastUpdated: new Date(api.clock.now()).toISOString(),
      }
    },
  }),
  endpoint('POST /learning/recommendations', {
    about: 'Builds recommendations again, and scores an action first if one is named.',
    needs: 'administer',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        action_type: text(128).optional(),
        action_id: text(128).optional(),
        lookback_days: clamped(1, 365, 30),
        min_samples: clamped(2, 100, 5),
        episode_limit: clamped(100, 10_000, 5000),
      }),
    run: ({ learning, ledger }, asked, caller) =>
      learning.rebuild(authorOf(caller), {
        agent: asked.agent_id,
        actionType: asked.action_type,
        lookbackDays: asked.lookback_days,
        minSamples: asked.min_samples,
        episodeLimit: asked.episode_limit,
        action:
          asked.action_id === undefined
            ? undefined
            : ledger.get(caller.tenant.org, asked.action_id),
      }),
  }),
  endpoint('GET /learning/recommendations/metrics', {
    about: 'What recommendations brought: adoption, lift, differences of cost and duration.',
    input: () => fields({ ...LISTED(), limit: clamped(1, 200, 100) }),
    run: (api, asked, caller) => {
      const found = listed(api, asked, caller)
      const metrics = metricsOf(api, caller.tenant.org, { found, days: asked.lookback_days })
      return { metrics, summary: metricsSummary(metrics) }
    },
  }),
  endpoint('POST /learning/recommendations/events', {
    about: 'Reports that recommendations were fetched, applied or overridden, or how it ended.',
    status: 201,
    input: Uses,
    run: async ({ records }, { events }, caller) => {
      const created = await records.write(recordAuthorOf(caller, undefined), (changes) =>
        events.flatMap((event): RecommendationEvent[] => {
          const use = recordUse(caller.tenant.org, changes, {
            event_type: event.event_type,
            recommendation_id: event.recommendation_id,
            agent_id: event.agent_id ?? null,
            action_id: event.action_id ?? null,
            event_key: event.event_key ?? null,
            details: event.details ?? null,
          })
          return use === undefined ? [] : [use]
        }),
      )
      return { created, created_count: created.length }
    },
  }),
  endpoint('PATCH /learning/recommendations/:id', {
    about: 'Switches a recommendation on or off.',
    needs: 'administer',
    input: () => fields({ id: text(128), active: YesNo }),
    run: async (api, { id, active }, caller) => {
      const recommendation = await api.records.write(
        recordAuthorOf(caller, undefined),
        (changes) => {
          required(changes.get(KIND, id), `Recommendation ${id}`)
          changes.change(KIND, id, { active, updated_at: changes.now })
          return changes.get<RecommendationRow>(KIND, id)
        },
      )
      return { recommendation }
    },
  }),
]
