import { actionStats, type ActionTotals } from '../actions/stats.ts'
import type { GovernanceRefusal } from '../types.ts'

export const SESSION_STATUSES = [
  'spawning',
  'running',
  'idle',
  'blocked',
  'finished',
  'failed',
  'closed',
  'completed',
  'cancelled',
] as const
export type SessionStatus = (typeof SESSION_STATUSES)[number]

const ENDED: ReadonlySet<string> = new Set([
  'finished',
  'failed',
  'closed',
  'completed',
  'cancelled',
])

/** A session of an agent's work. */
export interface AgentSession {
  id: string
  agent_id: string
  status: string
  status_since: string
  blocked_reason: string | null
  green_level: string | null
  branch_freshness: string | null
  commits_behind: number | null
  last_activity: string
  updated_at: string
}

/** Fields that were given; what is left out stays. */
export type SessionChange = Partial<
  Pick<
    AgentSession,
    'status' | 'green_level' | 'branch_freshness' | 'commits_behind' | 'blocked_reason'
  >
>

/** Why a session cannot be changed, or undefined: one that ended stays as it is. */
export function whyNotChangeSession({
  status,
}: Pick<AgentSession, 'status'>): GovernanceRefusal | undefined {
  return ENDED.has(status)
    ? { kind: 'conflict', reason: `The session is ${status} and cannot change any more` }
    : undefined
}

export interface SessionEvent {
  seq: number
  kind: string
  detail: string | null
  created_at: string
}

/** A session after a change, and the event of its status if that is another. */
export function changedSession<S extends AgentSession>(
  session: S,
  change: SessionChange,
  { at, seq }: { at: string; seq: number },
): { session: S; event: SessionEvent | null } {
  const status = change.status ?? session.status
  const moved = status !== session.status
  // Why it was blocked is no longer true once it is not.
  const reason = status === 'blocked' ? (change.blocked_reason ?? session.blocked_reason) : null
  return {
    session: {
      ...session,
      ...change,
      status,
      blocked_reason: reason,
      status_since: moved ? at : session.status_since,
      last_activity: at,
      updated_at: at,
    },
    event: moved ? { seq, kind: status, detail: reason, created_at: at } : null,
  }
}

/** What the actions of a session amount to. */
export function sessionTotals(
  { totals, risks }: { totals: ActionTotals; risks: Readonly<Record<string, number>> },
  eventCount: number,
): { action_count: number; total_cost: number; max_risk: number; event_count: number } {
  const { total, total_cost } = actionStats(totals)
  return {
    action_count: total,
    total_cost,
    max_risk: Math.max(0, ...Object.keys(risks).map(Number)),
    event_count: eventCount,
  }
}
