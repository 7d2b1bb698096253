import { roundTo } from '../statistics.ts'
import { MINUTE } from '../times.ts'

export const TASK_URGENCIES = ['low', 'normal', 'high', 'critical'] as const
export type TaskUrgency = (typeof TASK_URGENCIES)[number]

export interface AgentSkill {
  skill: string
  /** 1–10. */
  priority: number
}

export interface RoutingAgent {
  id: string
  name: string
  status: 'available' | 'busy' | 'offline'
  current_load: number
  max_concurrent: number
  capabilities: readonly AgentSkill[]
}

/** How tasks that needed a skill ended, by agent and skill. */
export type SkillRecord = (agentId: string, skill: string) => { completed: number; failed: number }

export interface RoutedTask {
  required_skills: readonly string[]
  urgency: TaskUrgency
}

export type TaskRouting =
  | { status: 'assigned'; agent_id: string; agent_name: string; score: number; reasons: string[] }
  | { status: 'pending'; reason: string }

const DEFAULT_PRIORITY = 5

/** Skills as they may be sent: names, or names with a priority. */
export function agentSkills(
  given: readonly (string | { skill: string; priority?: number | null | undefined })[],
): AgentSkill[] {
  return given.map((each) => {
    const { skill, priority } = typeof each === 'string' ? { skill: each } : each
    return { skill, priority: Math.min(10, Math.max(1, priority ?? DEFAULT_PRIORITY)) }
  })
}

/** Which agent gets a task: the one with the best score, of equals the one with less to do. */
export function routeTask(
  task: RoutedTask,
  agents: readonly RoutingAgent[],
  record: SkillRecord,
): TaskRouting {
  const free = agents.filter(
    (agent) => agent.status === 'available' && agent.current_load < agent.max_concurrent,
  )
  if (free.length === 0) return { status: 'pending', reason: 'No agent is available' }
  const rated = free.flatMap((agent) => {
    const rating = rate(agent, task, record)
    return rating === undefined ? [] : [{ agent, ...rating }]
  })
  const [best] = rated.toSorted(
    (a, b) =>
      b.score - a.score ||
      a.agent.current_load - b.agent.current_load ||
      (a.agent.id < b.agent.id ? -1 : 1),
  )
  if (best === undefined)
    return {
      status: 'pending',
      reason: `No available agent has any of: ${task.required_skills.join(', ')}`,
    }
  const { agent, score, reasons } = best
  return { status: 'assigned', agent_id: agent.id, agent_name: agent.name, score, reasons }
}

interface Rating {
  score: number
  reasons: string[]
}

const NO_HISTORY = 12.5

function rate(agent: RoutingAgent, task: RoutedTask, record: SkillRecord): Rating | undefined {
  const required = [...new Set(task.required_skills)]
  const { current_load: load, max_concurrent: most } = agent
  if (required.length === 0) return { score: 1, reasons: [`least loaded (${load} of ${most})`] }
  const matched = required.flatMap((skill) => {
    const has = agent.capabilities.find((each) => each.skill === skill)
    return has === undefined ? [] : [has]
  })
  if (matched.length === 0) return undefined
  const history = required
    .map((skill) => record(agent.id, skill))
    .reduce((sum, each) => ({
      completed: sum.completed + each.completed,
      failed: sum.failed + each.failed,
    }))
  const tasks = history.completed + history.failed
  const success = tasks === 0 ? NO_HISTORY : (25 * history.completed) / tasks
  const priorities = matched.reduce((sum, { priority }) => sum + priority, 0)
  const urgent = task.urgency === 'critical' && load === 0
  const score =
    40 * (matched.length / required.length) +
    20 * (1 - load / most) +
    success +
    15 * (priorities / (10 * required.length)) +
    (urgent ? 10 : 0)
  return {
    score: roundTo(score, 2),
    reasons: [
      `has ${matched.length} of ${required.length} skills`,
      `${load} of ${most} tasks at work`,
      tasks === 0 ? 'no history' : `${history.completed} of ${tasks} such tasks completed`,
      ...(urgent ? ['idle, for a critical task'] : []),
    ],
  }
}

/** What becomes of a task that ended, and of its agent's load. */
export function taskAfter(
  task: { retry_count: number; max_retries: number },
  success: boolean,
): { status: 'completed' | 'pending' | 'escalated'; retry_count: number } {
  const { retry_count, max_retries } = task
  if (success) return { status: 'completed', retry_count }
  return retry_count < max_retries
    ? { status: 'pending', retry_count: retry_count + 1 }
    : { status: 'escalated', retry_count }
}

export function loadAfter(agent: Pick<RoutingAgent, 'current_load'>): number {
  return Math.max(0, agent.current_load - 1)
}

/** Whether an assigned task took longer than it may. */
export function isTaskOverdue(
  { assigned_at, timeout_seconds }: { assigned_at: string; timeout_seconds: number },
  now: number,
): boolean {
  return now >= Date.parse(assigned_at) + (timeout_seconds / 60) * MINUTE
}
