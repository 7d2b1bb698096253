import type { RecordStore } from '../records/service.ts'
import { AGENT_STATUSES, TASK_STATUSES } from './types.ts'

/** Agents and tasks by their status. */
export function routingStats(records: RecordStore, org: string) {
  const count = (kind: string, status?: string) => records.count(org, kind, { status })
  const by = (kind: string, statuses: readonly string[]) =>
    Object.fromEntries(statuses.map((status) => [status, count(kind, status)]))
  return {
    agents: { total: count('routing_agent'), ...by('routing_agent', AGENT_STATUSES) },
    // A task that failed for good is escalated.
    tasks: { total: count('routing_task'), failed: 0, ...by('routing_task', TASK_STATUSES) },
    routing: { total_decisions: count('routing_decision') },
  }
}

/** Whether tasks find agents. */
export function routingHealth(records: RecordStore, org: string, now: number) {
  const available = records.count(org, 'routing_agent', { status: 'available' })
  const pending = records.count(org, 'routing_task', { status: 'pending' })
  return {
    status: pending > 0 && available === 0 ? 'degraded' : 'healthy',
    agents_available: available,
    tasks_pending: pending,
    undelivered: records.count(org, 'routing_post', { status: 'failed' }),
    timestamp: new Date(now).toISOString(),
  }
}
