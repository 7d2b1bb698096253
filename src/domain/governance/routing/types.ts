import type { RoutingAgent, TaskRouting, TaskUrgency } from './rules.ts'

/** An agent that takes tasks, as it is recorded. */
export interface StoredRoutingAgent extends RoutingAgent {
  org_id: string
  /** Where its tasks are posted; null: it asks for them. */
  endpoint: string | null
  created_at: string
  updated_at: string
}

export const AGENT_STATUSES = ['available', 'busy', 'offline'] as const
export const TASK_STATUSES = ['pending', 'assigned', 'completed', 'escalated'] as const

/** A task for whichever agent fits best. */
export interface RoutingTask {
  id: string
  org_id: string
  title: string
  description: string | null
  required_skills: readonly string[]
  urgency: TaskUrgency
  timeout_seconds: number
  max_retries: number
  /** Where it is posted once it ended. */
  callback_url: string | null
  status: (typeof TASK_STATUSES)[number]
  assigned_to: string | null
  assigned_at: string | null
  retry_count: number
  result: unknown
  error: string | null
  completed_at: string | null
  created_at: string
  updated_at: string
}

/** How the tasks of an agent that needed a skill ended. */
export interface SkillMetric {
  agent_id: string
  skill: string
  completed: number
  failed: number
}

/** Something to tell an agent or whoever gave a task. It is removed once it arrived. */
export interface TaskPost {
  id: string
  event: 'task.assigned' | 'task.completed' | 'task.escalated'
  task_id: string
  /** Since when the task was assigned to the agent that is told; null for a callback. */
  assigned_at: string | null
  url: string
  status: 'waiting' | 'failed'
  attempts: number
  why: string | null
}

/** A task, and where it went. */
export interface RoutedAnswer {
  task: RoutingTask
  routing: TaskRouting | { status: 'completed' } | { status: 'escalated'; reason: string }
}
