import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { feedbackTags, sentimentOf } from '../../../domain/governance/feedback/rules.ts'
import { feedbackGroups, feedbackStats } from '../../../domain/governance/feedback/stats.ts'
import { rowId } from '../../../domain/governance/ids.ts'
import { required } from '../../../domain/governance/refusals.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, json, paged, someText, text, texts, YesNo } from '../inputs.ts'
import { recordAuthorOf } from '../kinds/write.ts'
import { deleteRow, readRow, requireNoAgent, type RowKind } from '../rows.ts'

const FEEDBACK = {
  path: '/feedback',
  kind: 'feedback',
  what: 'Feedback',
  ofAgents: true,
} as const satisfies RowKind

/** What people think of what agents did. */
export const feedbackEndpoints: readonly Endpoint[] = [
  endpoint('POST /feedback', {
    about: 'Records what a person thinks: a rating from 1 to 5, or a comment.',
    status: 201,
    input: () =>
      fields({
        rating: z.int().min(1).max(5).optional(),
        comment: text(5000).optional(),
        action_id: text(128).optional(),
        agent_id: AgentId.optional(),
        category: someText(100).default('general'),
        tags: texts(20, 50).default([]),
        metadata: json(8192).optional(),
        source: text(100).default('api'),
      }),
    run: async ({ records, actions }, given, caller) => {
      const { rating = null, comment = null, action_id: action = null } = given
      if (rating === null && (comment ?? '').trim() === '')
        throw new Fault('input.invalid', 'rating or comment is needed')
      const { org } = caller.tenant
      const found = action === null ? undefined : actions.get(org, action)
      const agent = given.agent_id ?? found?.agent_id ?? caller.tenant.agentId ?? null
      const sentiment = sentimentOf(rating, comment)
      const tags = feedbackTags(given.tags, comment)
      return records.write(recordAuthorOf(caller, agent), (changes) => {
        const row = {
          id: rowId('fb'),
          org_id: org,
          action_id: action,
          agent_id: agent,
          rating,
          comment,
          category: given.category,
          sentiment,
          tags,
          metadata: given.metadata ?? null,
          source: given.source,
          resolved: false,
          resolved_by: null,
          resolved_at: null,
          created_at: changes.now,
        }
        changes.make(FEEDBACK.kind, row.id, row)
        return row
      })
    },
  }),
  endpoint('GET /feedback', {
    about: 'Feedback, the newest first.',
    input: () =>
      fields({
        action_id: text(128).optional(),
        agent_id: AgentId.optional(),
        category: text(100).optional(),
        sentiment: text(16).optional(),
        resolved: YesNo.optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, asked, { tenant: { org } }) => {
      const { agent_id: agent, limit, offset, ...where } = asked
      const { rows, total } = records.page(org, FEEDBACK.kind, { agent, where, limit, offset })
      return { feedback: rows, total }
    },
  }),
  endpoint('GET /feedback/stats', {
    about: 'Feedback in all, by category and agent, its ratings and tags.',
    input: () => fields({ agent_id: AgentId.optional() }),
    run: ({ records }, { agent_id: agent }, { tenant: { org } }) => {
      const groups = feedbackGroups(agent)
      const all = records.sums(org, FEEDBACK.kind, groups.all)
      return feedbackStats({
        all,
        categories: records.sumsOf(org, FEEDBACK.kind, groups.categories),
        agents:
          agent === undefined
            ? records.sumsOf(org, FEEDBACK.kind, ['agent'])
            : [{ of: groups.all, sums: all }],
        tags: records.sumsOf(org, FEEDBACK.kind, groups.tags),
      })
    },
  }),
  readRow(FEEDBACK),
  endpoint('PATCH /feedback/:id', {
    about: 'Marks feedback as resolved.',
    input: () => fields({ id: text(128), resolved_by: text(200).optional() }),
    run: ({ records }, { id, resolved_by: by }, caller) => {
      requireNoAgent(caller)
      return records.write(recordAuthorOf(caller, undefined), (changes) => {
        required(changes.get(FEEDBACK.kind, id), `Feedback ${id}`)
        changes.change(FEEDBACK.kind, id, {
          resolved: true,
          resolved_by: by ?? caller.actor,
          resolved_at: changes.now,
        })
        return changes.get(FEEDBACK.kind, id) ?? {}
      })
    },
  }),
  deleteRow(FEEDBACK),
]
