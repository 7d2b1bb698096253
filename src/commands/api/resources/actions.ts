import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { NotAdmitted } from '../../../domain/governance/ledger/admission.ts'
import type { ToldAction } from '../../../domain/governance/ledger/service.ts'
import type { LedgerQuery } from '../../../domain/governance/ledger/types.ts'
import { LEDGER_STATUSES } from '../../../domain/governance/types.ts'
import { AgentId, fields, json, Num, paged, Score, someText, text, texts, Time } from '../inputs.ts'
import { authorOf, endpoint, Reply, type Endpoint } from '../endpoint.ts'

const Count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** What an outcome may hold. */
const OUTCOME = {
  status: z.enum(LEDGER_STATUSES).optional(),
  output_summary: text(4000).optional(),
  side_effects: texts(100, 1000).optional(),
  artifacts_created: texts(100, 1000).optional(),
  error_message: text(4000).optional(),
  timestamp_end: Time.optional(),
  duration_ms: Count.optional(),
  cost_estimate: z.number().optional(),
  tokens_in: z.number().optional(),
  tokens_out: z.number().optional(),
  model: text(200).optional(),
}

/** Only the guard holds or blocks. */
const REPORTED = LEDGER_STATUSES.filter(
  (status) => status !== 'pending_approval' && status !== 'blocked',
)

const Created = () =>
  fields({
    ...OUTCOME,
    agent_id: AgentId,
    action_type: someText(128),
    declared_goal: someText(2000),
    action_id: someText(128).optional(),
    agent_name: text(256).optional(),
    swarm_id: text(128).optional(),
    parent_action_id: text(128).optional(),
    session_id: text(128).optional(),
    reasoning: text(4000).optional(),
    authorization_scope: text(1000).optional(),
    trigger: text(1000).optional(),
    systems_touched: texts(50, 500).optional(),
    input_summary: text(4000).optional(),
    reversible: z.boolean().optional(),
    risk_score: Score.optional(),
    confidence: Score.optional(),
    recommendation_id: text(128).optional(),
    recommendation_applied: z.boolean().optional(),
    recommendation_override_reason: text(500).optional(),
    timestamp_start: Time.optional(),
    intel: json(8192).optional(),
    _signature: z.unknown().optional(),
  })

const Listed = () =>
  fields({
    agent_id: AgentId.optional(),
    swarm_id: text(128).optional(),
    status: text(32).optional(),
    action_type: text(128).optional(),
    risk_min: Num.optional(),
    ...paged(200, 50),
  })

function queryOf(asked: z.output<ReturnType<typeof Listed>>): Omit<LedgerQuery, 'limit'> {
  return {
    agent: asked.agent_id,
    swarm: asked.swarm_id,
    status: asked.status,
    type: asked.action_type,
    riskMin: asked.risk_min,
  }
}

/** So many are taken out together, so that others are not kept waiting. */
const MOST_AT_ONCE = 500

const OneAction = { id: text(128) }

const Decision = () =>
  fields({
    ...OneAction,
    decision: z.enum(['allow', 'deny']),
    reasoning: text(2000).optional(),
  })

/** Two addresses decide about a held action. */
const decisionAt = (call: `POST ${string}`) =>
  endpoint(call, {
    about: 'Allows or denies a held action. It is written down as the act of the key.',
    needs: 'administer',
    input: Decision,
    run: async ({ ledger }, { id, decision, reasoning }, caller) => ({
      success: true,
      action: await ledger.decide(authorOf(caller), id, {
        decision,
        reasoning: reasoning ?? null,
      }),
      security: { clean: true, findings_count: 0, critical_count: 0, categories: [] },
    }),
  })

/** What is recorded, or how it is told that it is not. */
async function admitted<T>(recording: Promise<T>): Promise<T | Reply> {
  try {
    return await recording
  } catch (thrown) {
    if (!(thrown instanceof NotAdmitted)) throw thrown
    return new Reply(thrown.status, { error: thrown.message, ...thrown.told })
  }
}

/** The ledger of actions. */
export const actionEndpoints: readonly Endpoint[] = [
  endpoint('POST /actions', {
    about: 'Records an action before it runs; the guard blocks it, holds it or lets it run.',
    status: 201,
    input: Created,
    run: async ({ ledger, identities, admission }, { _signature: claimed, ...given }, caller) => {
      const { org, raw } = caller.tenant
      const signed = identities.signed(org, { agentId: given.agent_id, raw, signature: claimed })
      if (signed.refusal !== undefined)
        return new Reply(401, { error: signed.why, code: signed.refusal })
      const { signature, verified } = signed
      const told = { ...given, signature, verified } as ToldAction
      const created = await admitted(ledger.create(authorOf(caller), told))
      if (created instanceof Reply) return created
      const { action, decision, security } = created
      if (action.status === 'blocked')
        return new Reply(403, { error: decision.reason ?? 'Blocked by policy', action, decision })
      const status = action.status === 'pending_approval' ? 202 : 201
      const warning = admission.warning(org)
      return new Reply(
        status,
        { action, action_id: action.action_id, decision, security },
        warning === undefined ? {} : { 'x-quota-warning': warning },
      )
    },
  }),
  endpoint('GET /actions', {
    about: 'Actions of the organisation, those that began last first.',
    input: Listed,
    run: ({ actions, clock }, asked, { tenant: { org } }) => {
      const { limit, offset } = asked
      const page = actions.page(org, { ...queryOf(asked), limit, offset })
      return {
        ...page,
        total: page.stats.total,
        lastUpdated: new Date(clock.now()).toISOString(),
      }
    },
  }),
  endpoint('DELETE /actions', {
    about: 'Takes actions out of the ledger, with their loops and assumptions.',
    needs: 'administer',
    input: () =>
      fields({
        action_id: text(128).optional(),
        action_ids: text(20_000).optional(),
        before: Time.optional(),
        agent_id: AgentId.optional(),
        status: text(32).optional(),
      }),
    run: async ({ actions, ledger }, asked, caller) => {
      const named = [asked.action_id, ...(asked.action_ids?.split(',') ?? [])]
        .map((id) => id?.trim() ?? '')
        .filter((id) => id !== '')
      const { before, agent_id: agent, status } = asked
      if (named.length === 0 && before === undefined && agent === undefined && status === undefined)
        throw new Fault(
          'input.invalid',
          'say which: action_id, action_ids, before, agent_id, status',
        )
      const author = authorOf(caller)
      if (named.length > 0) {
        const gone = await ledger.remove(author, named)
        return { deleted: gone.length, action_ids: gone }
      }
      const query = { agent, status, before: before === undefined ? undefined : Date.parse(before) }
      let deleted = 0
      for (;;) {
        const found = actions.list(author.org, { ...query, oldest: true, limit: MOST_AT_ONCE })
        if (found.length === 0) return { deleted }
        const gone = await ledger.remove(
          author,
          found.map(({ action_id: id }) => id),
        )
        deleted += gone.length
      }
    },
  }),
  endpoint('GET /actions/:id', {
    about: 'One action, with what it left open and rests on.',
    input: () => fields(OneAction),
    run: async ({ ledger, records, waits, mail }, { id }, { tenant: { org, key }, signal }) => ({
      action: await waits.look(() => ledger.get(org, id), { org, key, signal }),
      open_loops: records.find(org, 'loop', { where: { action_id: id }, limit: 200 }),
      assumptions: records.find(org, 'assumption', { where: { action_id: id }, limit: 200 }),
      message_summary: mail.about(org, id),
    }),
  }),
  endpoint('PATCH /actions/:id', {
    about: 'Reports what came of an action. A held one is refused: it waits for a person, only.',
    input: () => fields({ ...OneAction, ...OUTCOME, status: z.enum(REPORTED).optional() }),
    run: ({ ledger }, { id, ...outcome }, caller) => ledger.report(authorOf(caller), id, outcome),
  }),
  decisionAt('POST /actions/:id/approve'),
  decisionAt('POST /approvals/:id'),
]
