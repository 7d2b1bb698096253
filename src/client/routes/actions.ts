import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT, asAgent, asPartOfSwarm } from './fill.ts'
import type {
  CreatedAction,
  GuardAnswer,
  LedgerAction,
  LedgerActionAnswer,
  RiskSignal,
  WriteSecurity,
} from './rows.ts'

/** What an outcome may hold. */
interface OutcomeFields {
  status?: string
  output_summary?: string
  side_effects?: readonly string[]
  artifacts_created?: readonly string[]
  error_message?: string
  timestamp_end?: string
  duration_ms?: number
  cost_estimate?: number
  tokens_in?: number
  tokens_out?: number
  model?: string
}

/** Guard and ledger. */
export const actionRoutes = {
  /**
   * Asks whether an action may run, without recording it. A block is an answer, not an error.
   * `include_signals` adds live signals to the warnings. Errors: 400 for a missing `action_type`.
   */
  guard: route<
    {
      action_type: string
      agent_id?: string
      risk_score?: number
      confidence?: number
      systems_touched?: readonly string[]
      reversible?: boolean
      declared_goal?: string
      intel?: object
      act?: object
      content?: unknown
      target?: string
      include_signals?: boolean
    },
    GuardAnswer
  >()('POST guard', 'action_type', { query: ['include_signals'], fill: asAgent }),
  /** Past answers of the guard to this agent, newest first. */
  getGuardDecisions: route<
    { decision?: string; limit?: number; offset?: number; agent_id?: string },
    {
      decisions: {
        id: string
        agent_id: string | null
        action_type: string | null
        risk_score: number | null
        decision: string
        reason: string | null
        created_at: string
      }[]
      total: number
      stats: JsonRecord
      limit: number
      offset: number
    }
  >()('GET guard', 'decision? limit:number? offset:number? agent_id?', AS_AGENT),
  /**
   * Records that an action begins: status 201, or 202 with `pending_approval` when an operator has
   * to decide. Errors: 403 `GuardBlockedError`; 401 for a missing or bad signature; 409 for an id
   * that is taken; 400.
   */
  createAction: route<
    OutcomeFields & {
      action_type: string
      declared_goal: string
      action_id?: string
      agent_id?: string
      agent_name?: string
      swarm_id?: string
      parent_action_id?: string
      reasoning?: string
      authorization_scope?: string
      trigger?: string
      systems_touched?: readonly string[]
      input_summary?: string
      reversible?: boolean
      risk_score?: number
      confidence?: number
      recommendation_id?: string
      recommendation_applied?: boolean
      recommendation_override_reason?: string
      timestamp_start?: string
      session_id?: string
      idempotency_key?: string
      approval_wait_seconds?: number
      act?: object
      content?: unknown
      _signature?: string
    },
    CreatedAction
  >()('POST actions', 'action_type declared_goal', { fill: asPartOfSwarm }),
  /**
   * Says what came of an action; `timestamp_end` is now unless given. Errors: 409 while the action
   * is held, or when it has ended; 404; 400 when nothing is left to change.
   */
  updateOutcome: route<OutcomeFields, { action: LedgerAction; security?: WriteSecurity }>()(
    'PATCH actions/:action_id',
    '',
    {
      fill: () => ({ timestamp_end: new Date().toISOString() }),
    },
  ),
  /** Actions of every agent, newest first. */
  getActions: route<
    {
      agent_id?: string
      swarm_id?: string
      status?: string
      action_type?: string
      risk_min?: number
      limit?: number
      offset?: number
    },
    {
      actions: LedgerAction[]
      total: number
      stats: {
        total: number
        completed: number
        failed: number
        running: number
        blocked: number
        high_risk: number
        avg_risk: number
        total_cost: number
      }
      lastUpdated: string
    }
  >()('GET actions'),
  /** One action with its open loops and assumptions. Errors: 404. */
  getAction: route<NoFields, LedgerActionAnswer>()('GET actions/:action_id'),
  /** What led to an action, and what hangs on it. Errors: 404. */
  getActionTrace: route<
    NoFields,
    {
      action: LedgerAction
      trace: {
        assumptions: JsonRecord
        loops: JsonRecord
        parent_chain: LedgerAction[]
        sub_actions: LedgerAction[]
        related_actions: LedgerAction[]
        root_cause_indicators: {
          type: string
          severity: string
          count: number
          detail: unknown[]
        }[]
      }
    }
  >()('GET actions/:action_id/trace'),
  /** The trace as nodes and edges. Errors: 404. */
  getActionGraph: route<
    NoFields,
    {
      rootActionId: string
      nodes: { id: string; type: string; label: string; status: string }[]
      edges: { id: string; source: string; target: string; type: string; label: string }[]
    }
  >()('GET actions/:action_id/graph'),
  /** Risk conditions as they are now, red first. */
  getSignals: route<
    { agent_id?: string },
    {
      signals: RiskSignal[]
      counts: { red: number; amber: number; total: number }
      lastUpdated: string
    }
  >()('GET actions/signals'),
  /**
   * Allows or denies a held action; needs an admin key. Errors: 403; 404; 400 not pending; 409
   * another was first.
   */
  approveAction: route<
    { decision: 'allow' | 'deny'; reasoning?: string },
    { success: boolean; action: LedgerAction; security?: WriteSecurity }
  >()('POST actions/:action_id/approve', 'decision:allow/deny reasoning?'),
  /** Actions that wait for an operator. */
  getPendingApprovals: route<
    { limit?: number; offset?: number },
    { actions: LedgerAction[]; total: number }
  >()('GET actions', 'limit:number? offset:number?', {
    fill: () => ({ limit: 20, offset: 0 }),
    fixed: { status: 'pending_approval' },
  }),
}
