import * as z from 'zod'
import { routingHealth, routingStats } from '../../../domain/governance/routing/figures.ts'
import { agentSkills, TASK_URGENCIES } from '../../../domain/governance/routing/rules.ts'
import {
  AGENT_STATUSES,
  TASK_STATUSES,
  type RoutedAnswer,
  type RoutingTask,
  type StoredRoutingAgent,
} from '../../../domain/governance/routing/types.ts'
import { authorOf, endpoint, type Endpoint } from '../endpoint.ts'
import { fields, json, paged, someText, text, texts, YesNo } from '../inputs.ts'

/** A week. */
const MOST_SECONDS = 7 * 24 * 60 * 60
const Address = () => z.url({ protocol: /^https?$/ }).max(2000)

/** Clients write these in camelCase, and read them so or with underscores. */
function shownAgent(agent: StoredRoutingAgent): object {
  return { ...agent, maxConcurrent: agent.max_concurrent, currentLoad: agent.current_load }
}

function shownTask(task: RoutingTask): object {
  return {
    ...task,
    requiredSkills: task.required_skills,
    timeoutSeconds: task.timeout_seconds,
    maxRetries: task.max_retries,
    retryCount: task.retry_count,
    callbackUrl: task.callback_url,
    assignedTo: task.assigned_to,
  }
}

function answered({ task, routing }: RoutedAnswer): object {
  return {
    task: shownTask(task),
    routing,
    task_id: task.id,
    assigned_agent:
      routing.status === 'assigned' ? { id: routing.agent_id, name: routing.agent_name } : null,
  }
}

const OneId = () => fields({ id: text(128) })

const Skill = () =>
  z.union([someText(128), z.object({ skill: someText(128), priority: z.number().nullish() })])

const agents: readonly Endpoint[] = [
  endpoint('POST /routing/agents', {
    about: 'Registers an agent that takes tasks.',
    status: 201,
    input: () =>
      fields({
        name: someText(200),
        capabilities: z.array(Skill()).max(50).default([]),
        max_concurrent: z.int().min(1).max(100).default(3),
        endpoint: Address().optional(),
      }),
    run: async ({ routing }, { capabilities, endpoint: url = null, ...given }, caller) => {
      const told = { ...given, capabilities: agentSkills(capabilities), endpoint: url }
      return { agent: shownAgent(await routing.register(authorOf(caller), told)) }
    },
  }),
  endpoint('GET /routing/agents', {
    about: 'Agents that take tasks, newest first.',
    input: () => fields({ status: text(32).optional(), ...paged(200, 50) }),
    run: ({ records }, query, { tenant: { org } }) => {
      const { rows, total } = records.page<StoredRoutingAgent>(org, 'routing_agent', query)
      return { agents: rows.map(shownAgent), total }
    },
  }),
  endpoint('GET /routing/agents/:id', {
    about: 'One agent that takes tasks, and how its tasks ended by skill.',
    input: OneId,
    run: ({ routing }, { id }, { tenant: { org } }) => ({
      agent: shownAgent(routing.agent(org, id)),
      metrics: routing.metrics(org, id),
    }),
  }),
  endpoint('PATCH /routing/agents/:id', {
    about: 'Says whether an agent takes tasks.',
    input: () => fields({ id: text(128), status: z.enum(AGENT_STATUSES) }),
    run: async ({ routing }, { id, status }, caller) => ({
      agent: shownAgent(await routing.setStatus(authorOf(caller), id, status)),
    }),
  }),
  endpoint('DELETE /routing/agents/:id', {
    about: 'Takes an agent out; its tasks go to others.',
    input: OneId,
    run: async ({ routing }, { id }, caller) => ({
      deleted: true,
      agent: shownAgent(await routing.remove(authorOf(caller), id)),
    }),
  }),
]

const tasks: readonly Endpoint[] = [
  endpoint('POST /routing/tasks', {
    about: 'Gives a task to the best agent that is free, or lets it wait for one.',
    status: 201,
    input: () =>
      fields({
        title: someText(500),
        description: text(10_000).optional(),
        required_skills: texts(50, 128).default([]),
        urgency: z.enum(TASK_URGENCIES).default('normal'),
        timeout_seconds: z.int().min(1).max(MOST_SECONDS).default(3600),
        max_retries: z.int().min(0).max(20).default(2),
        callback_url: Address().optional(),
      }),
    run: async ({ routing }, { description = null, callback_url = null, ...given }, caller) =>
      answered(await routing.submit(authorOf(caller), { ...given, description, callback_url })),
  }),
  endpoint('GET /routing/tasks', {
    about: 'Tasks, newest first.',
    input: () =>
      fields({
        status: text(32).optional(),
        assigned_to: text(128).optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, { assigned_to, ...query }, { tenant: { org } }) => {
      const where = { assigned_to }
      const { rows, total } = records.page<RoutingTask>(org, 'routing_task', { ...query, where })
      return { tasks: rows.map(shownTask), total }
    },
  }),
  endpoint('GET /routing/tasks/:id', {
    about: 'One task.',
    input: OneId,
    run: ({ routing }, { id }, { tenant: { org } }) => ({ task: shownTask(routing.task(org, id)) }),
  }),
  endpoint('POST /routing/tasks/:id/complete', {
    about: 'Ends a task; one that failed is given again while retries are left.',
    input: () =>
      fields({
        id: text(128),
        success: YesNo.default(true),
        result: json(100_000).optional(),
        error: text(4000).optional(),
      }),
    run: async ({ routing }, { id, success, result = null, error = null }, caller) =>
      answered(await routing.complete(authorOf(caller), id, { success, result, error })),
  }),
]

/** Task routing: which agent does what. */
export const routingEndpoints: readonly Endpoint[] = [
  ...agents,
  ...tasks,
  endpoint('GET /routing/stats', {
    about: `Agents and tasks by status: ${TASK_STATUSES.join(', ')}.`,
    input: () => fields({}),
    run: ({ records }, _, { tenant: { org } }) => routingStats(records, org),
  }),
  endpoint('GET /routing/health', {
    about: 'Whether tasks find agents.',
    input: () => fields({}),
    run: ({ records, clock }, _, { tenant: { org } }) => routingHealth(records, org, clock.now()),
  }),
]
