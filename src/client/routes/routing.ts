import { route, type NoFields, type JsonRecord } from '../core/route.ts'

interface TaskAnswer {
  task: JsonRecord
  routing: {
    status: string
    agent_id?: string
    agent_name?: string
    score?: number
    reasons?: string[]
    reason?: string
  }
}

/** Task routing and schedules of agents. */
export const taskRoutes = {
  /** Agents that take tasks. */
  listRoutingAgents: route<{ status?: string }, { agents: JsonRecord[] }>()(
    'GET routing/agents',
    'status?',
  ),
  /**
   * Registers an agent for tasks; `capabilities` are texts or `{ skill, priority }`. Errors: 400.
   */
  registerRoutingAgent: route<
    { name: string; capabilities?: readonly unknown[]; maxConcurrent?: number; endpoint?: string },
    { agent: JsonRecord }
  >()('POST routing/agents', 'name capabilities:list?', { camel: true }),
  /** One agent with its metrics. Errors: 404. */
  getRoutingAgent: route<NoFields, { agent: JsonRecord; metrics: JsonRecord[] }>()(
    'GET routing/agents/:agent_id',
  ),
  /** Says whether an agent takes tasks. Errors: 404; 400. */
  updateRoutingAgentStatus: route<
    { status: 'available' | 'busy' | 'offline' },
    { agent: JsonRecord }
  >()('PATCH routing/agents/:agent_id', 'status:available/busy/offline'),
  /** Takes an agent out. Errors: 404. */
  deleteRoutingAgent: route<NoFields, JsonRecord>()('DELETE routing/agents/:agent_id'),
  /** Tasks, newest first. */
  listRoutingTasks: route<
    { status?: string; assigned_to?: string; limit?: number; offset?: number },
    { tasks: JsonRecord[]; total: number }
  >()('GET routing/tasks', 'status? assigned_to? limit:number?'),
  /** Gives a task to the best agent that is free. Errors: 400. */
  submitRoutingTask: route<
    {
      title: string
      description?: string
      requiredSkills?: readonly string[]
      urgency?: string
      timeoutSeconds?: number
      maxRetries?: number
      callbackUrl?: string
    },
    TaskAnswer
  >()('POST routing/tasks', 'title', { camel: true }),
  /** Ends a task; a failed one is given out again while retries are left. Errors: 404; 409. */
  completeRoutingTask: route<{ success?: boolean; result?: unknown; error?: string }, TaskAnswer>()(
    'POST routing/tasks/:task_id/complete',
    '',
    { fill: () => ({ success: true }) },
  ),
  /** Counts of agents and tasks. */
  getRoutingStats: route<
    NoFields,
    { agents: JsonRecord; tasks: JsonRecord; routing: JsonRecord }
  >()('GET routing/stats'),
  /** Whether routing works. */
  getRoutingHealth: route<NoFields, JsonRecord>()('GET routing/health'),
  /** Schedules, of one agent if given. */
  listAgentSchedules: route<{ agent_id?: string }, { schedules: JsonRecord[] }>()(
    'GET agent-schedules',
    'agent_id?',
  ),
  /** Adds a schedule. Errors: 400. */
  createAgentSchedule: route<
    {
      agent_id: string
      name: string
      cron_expression: string
      description?: string
      enabled?: boolean
    },
    { schedule: JsonRecord }
  >()('POST agent-schedules', 'agent_id name cron_expression'),
}
