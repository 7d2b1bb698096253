import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT, asNamedAgent } from './fill.ts'

interface AgentSession {
  id: string
  agent_id: string
  workspace: string | null
  branch: string | null
  status: string
  status_since?: string
  blocked_reason?: string | null
  green_level?: string | null
  branch_freshness?: string | null
  commits_behind?: number | null
  last_activity?: string
}

/** Presence, connections and sessions of agents. */
export const presenceRoutes = {
  /** Says that the agent is there. `startHeartbeat` repeats it. */
  heartbeat: route<
    {
      status?: string
      metadata?: object
      current_task_id?: string
      agent_id?: string
      agent_name?: string
    },
    { status: string; timestamp: string }
  >()('POST agents/heartbeat', 'status? metadata:object?', {
    fill: (identity) => ({ ...asNamedAgent(identity), status: 'online' }),
  }),
  /**
   * Tells which services the agent uses: up to 50 of `{ provider, auth_type, plan_name, status,
   * metadata }`. A bad item is listed in `errors` and does not fail the call.
   */
  reportConnections: route<
    { connections: readonly unknown[]; agent_id?: string },
    {
      connections: JsonRecord[]
      errors?: { provider: string; error: string }[]
      created: number
    }
  >()('POST agents/connections', 'connections:list', AS_AGENT),
  /** What agents reported with `reportConnections`. */
  getConnections: route<
    { agent_id?: string; provider?: string },
    { connections: JsonRecord[]; total: number }
  >()('GET agents/connections'),
  /** Begins a session of work. */
  createSession: route<
    { agent_id?: string; workspace?: string; branch?: string },
    { session: AgentSession }
  >()('POST sessions', 'agent_id? workspace? branch?', AS_AGENT),
  /** Sessions of all agents, unless `agent_id` is given. */
  listSessions: route<
    { agent_id?: string; status?: string; limit?: number; offset?: number },
    { sessions: AgentSession[] }
  >()('GET sessions'),
  /** One session. Errors: 404. */
  getSession: route<NoFields, { session: AgentSession }>()('GET sessions/:session_id'),
  /** Changes a session. Errors: 404; 409 when it has ended. */
  updateSession: route<
    {
      status?: string
      green_level?: string
      branch_freshness?: string
      commits_behind?: number
      blocked_reason?: string
    },
    { session: AgentSession }
  >()('PATCH sessions/:session_id'),
  /** The changes of a session's status, oldest first. Errors: 404. */
  getSessionEvents: route<
    NoFields,
    {
      events: { seq: number; kind: string; detail: unknown; created_at: string }[]
    }
  >()('GET sessions/:session_id/events'),
}
