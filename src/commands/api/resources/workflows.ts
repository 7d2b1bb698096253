import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import {
  duplicateWorkflow,
  workflowLaunch,
  workflowVersion,
  type WorkflowTemplate,
} from '../../../domain/governance/studio/rules.ts'
import type { ModelStrategy } from '../../../domain/governance/studio/strategies.ts'
import { authorOf, endpoint, Reply, type ApiCaller, type Endpoint } from '../endpoint.ts'
import type { ApiServices } from '../services.ts'
import { AgentId, fields, json, someText, text, texts } from '../inputs.ts'
import {
  changesRecord,
  createsRecord,
  getsRecord,
  listsRecords,
  oneRecord,
  removesRecord,
  writtenAnswer,
} from '../kinds/endpoints.ts'
import { newIds, type RecordKind } from '../kinds/kind.ts'
import { claimant, writeRecord } from '../kinds/write.ts'
import { Slug, sluggedBy, STRATEGY, WORKFLOW_KIND } from './studio.ts'

const Links = () => texts(100, 200).optional()

const WORKFLOW: RecordKind = {
  kind: WORKFLOW_KIND,
  one: 'template',
  many: 'templates',
  id: newIds.uuid('wft'),
  idField: 'template_id',
  unique: 'slug',
  shape: () => ({
    name: someText(200),
    slug: Slug().optional(),
    description: text(5000).optional(),
    objective: text(5000).optional(),
    steps: z.array(json(20_000)).max(200).optional(),
    model_strategy_id: text(128).optional(),
    linked_prompt_template_ids: Links(),
    linked_policy_ids: Links(),
    linked_knowledge_collection_ids: Links(),
    linked_capability_ids: Links(),
    linked_capability_tags: Links(),
    status: text(50).optional(),
  }),
  defaults: {
    status: 'draft',
    steps: [],
    linked_prompt_template_ids: [],
    linked_policy_ids: [],
    linked_knowledge_collection_ids: [],
    linked_capability_ids: [],
    linked_capability_tags: [],
  },
  made: (told) => ({ version: 1, ...sluggedBy(told) }),
}

/** The slug, with a number if other templates have it. */
function freeSlug(api: ApiServices, slug: string, { tenant: { org } }: ApiCaller): string {
  for (let n = 1; n < 100; n++) {
    const value = n === 1 ? slug : `${slug}-${n}`
    if (claimant(api, org, { kind: WORKFLOW, value }) === undefined) return value
  }
  return slug
}

const LAUNCHER = 'workflow_launcher'

/** Like the original, only admins write templates. */
const needs = 'administer' as const

/** Templates of workflows. */
export const workflowEndpoints: readonly Endpoint[] = [
  createsRecord(WORKFLOW, 'POST /workflows/templates', {
    about: 'Makes a template; its slug comes from the name.',
    needs,
  }),
  listsRecords(WORKFLOW, 'GET /workflows/templates', {
    about: 'Templates of workflows, newest first.',
    by: ['status'],
  }),
  getsRecord(WORKFLOW, 'GET /workflows/templates/:id', { about: 'One template.' }),
  changesRecord(WORKFLOW, 'PATCH /workflows/templates/:id', {
    about: 'Changes a template; other steps make a new version.',
    needs,
    change: (before, given) => ({
      ...given,
      version: workflowVersion(
        before as unknown as WorkflowTemplate,
        given['steps'] as unknown[] | undefined,
      ),
    }),
  }),
  removesRecord(WORKFLOW, 'DELETE /workflows/templates/:id', {
    about: 'Deletes a template.',
    needs,
  }),
  endpoint('POST /workflows/templates/:id/duplicate', {
    about: 'Copies a template as a draft of version 1.',
    needs,
    status: 201,
    input: () => fields({ id: text(128), name: someText(200).optional(), slug: Slug().optional() }),
    run: async (api, { id, name = null, slug = null }, caller) => {
      const template = oneRecord(api, WORKFLOW, { id, caller }) as unknown as WorkflowTemplate
      const made = duplicateWorkflow(template, { template_id: '', name, slug })
      const copy = slug === null ? { ...made, slug: freeSlug(api, made.slug, caller) } : made
      const told = Object.fromEntries(
        Object.keys(WORKFLOW.shape()).map((key) => [key, copy[key as keyof WorkflowTemplate]]),
      )
      return writtenAnswer(WORKFLOW, await writeRecord(api, WORKFLOW, { told, caller }), {
        api,
        caller,
      })
    },
  }),
  endpoint('POST /workflows/templates/:id/launch', {
    about: 'Records a launch as a running action, if the guard allows it. It runs nothing.',
    status: 201,
    input: () =>
      fields({
        id: text(128),
        agent_id: AgentId.optional(),
        declared_goal: someText(2000).optional(),
      }),
    run: async (api, { id, declared_goal: goal = null, agent_id: agent = LAUNCHER }, caller) => {
      const template = oneRecord(api, WORKFLOW, { id, caller }) as unknown as WorkflowTemplate & {
        model_strategy_id: string | null
      }
      const { model_strategy_id: strategyId } = template
      const strategy =
        strategyId === null
          ? undefined
          : api.records.get<ModelStrategy>(caller.tenant.org, STRATEGY.kind, strategyId)
      const at = new Date(api.clock.now()).toISOString()
      const { launch, action } = workflowLaunch(template, strategy ?? null, {
        actionId: `act_${randomUUID()}`,
        at,
        goal,
      })
      const { decision, action: recorded } = await api.ledger.create(authorOf(caller), {
        ...action,
        agent_id: agent,
        action_id: launch.action_id,
      })
      if (recorded.status === 'blocked')
        return new Reply(403, {
          error: decision.reason ?? 'Blocked by policy',
          action: recorded,
          decision,
        })
      return new Reply(recorded.status === 'pending_approval' ? 202 : 201, { launch, decision })
    },
  }),
]
