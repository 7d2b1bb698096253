import * as z from 'zod'
import type { ApiQuestion } from '../../../domain/governance/guard/question.ts'
import { decidedInAll } from '../../../domain/governance/guard/totals.ts'
import { AgentId, fields, YesNo, json, paged, someText, text, texts } from '../inputs.ts'
import { authorOf, endpoint, type Endpoint } from '../endpoint.ts'

const DAY_MS = 24 * 60 * 60_000

const Asked = () =>
  z.preprocess(
    (given) => ({ ...(given as object), ...alias(given, 'action', 'action_type') }),
    fields({
      action_type: someText(128),
      risk_score: z.number().optional(),
      agent_id: AgentId.optional(),
      systems_touched: texts(50, 500).default([]),
      reversible: z.boolean().optional(),
      declared_goal: text(2000).optional(),
      intent: text(2000).optional(),
      authorization_scope: text(1000).optional(),
      intel: json(8192).optional(),
      include_signals: YesNo.default(false),
    }),
  )

/** The value of another name that a field has, unless the field itself is there. */
function alias(given: unknown, other: string, name: string): object {
  const found = (given ?? {}) as Record<string, unknown>
  return found[name] === undefined && found['actionType'] === undefined && other in found
    ? { [name]: found[other] }
    : {}
}

function questionOf(asked: z.output<ReturnType<typeof Asked>>): ApiQuestion {
  const { intel } = asked
  return {
    agentId: asked.agent_id ?? null,
    actionType: asked.action_type,
    goal: (asked.declared_goal || asked.intent) ?? null,
    systems: asked.systems_touched,
    reversible: asked.reversible ?? null,
    scope: asked.authorization_scope ?? null,
    claimedRisk: asked.risk_score ?? null,
    intel: typeof intel === 'object' && intel !== null ? (intel as ApiQuestion['intel']) : {},
  }
}

/** The guard, and what it decided. */
export const guardEndpoints: readonly Endpoint[] = [
  endpoint('POST /guard', {
    about: 'Asks whether an action may run, without recording it. A block is an answer.',
    input: Asked,
    run: (api, asked, caller) => {
      const { include_signals: wanted, agent_id: agent } = asked
      const signals = wanted ? api.signals.live(caller.tenant.org, agent) : []
      return api.guard.ask(authorOf(caller), questionOf(asked), signals)
    },
  }),
  endpoint('GET /guard', {
    about: 'Past answers of the guard, newest first.',
    input: () =>
      fields({ agent_id: AgentId.optional(), decision: text(32).optional(), ...paged(1000, 20) }),
    run: ({ records, clock }, { agent_id: agent, decision: status, limit, offset }, { tenant }) => {
      const query = { agent, status, limit, offset }
      const { org } = tenant
      const rows = records.find(org, 'guard_decision', query)
      const total =
        agent === undefined
          ? decidedInAll(records, org, status)
          : records.count(org, 'guard_decision', query)
      const from = clock.now() - DAY_MS
      const within = (one?: string) =>
        records.count(org, 'guard_decision', { agent, status: one, from })
      return {
        decisions: rows,
        total,
        stats: {
          total_24h: within(),
          blocks_24h: within('block'),
          warns_24h: within('warn'),
          approvals_24h: within('require_approval'),
        },
        limit,
        offset,
      }
    },
  }),
]
