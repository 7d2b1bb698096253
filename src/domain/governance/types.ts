/**
 * The records of the governance API.
 *
 * Case of names, decided once for the whole room: **a record that is stored and answered has its
 * fields as the wire shows them** (`agent_id`), so that rows are answered without being renamed.
 * Everything that lives only inside (parameters, settings, facts, results of a step) is written in
 * camelCase. Records are given decoded: lists as arrays, yes and no as booleans, times as ISO 8601
 * text. Functions take the present as `now`, in milliseconds since 1970.
 */

/** Where an action of the ledger can stand. */
export const LEDGER_STATUSES = [
  'running',
  'completed',
  'failed',
  'cancelled',
  'pending',
  'pending_approval',
  'blocked',
] as const
export type LedgerStatus = (typeof LEDGER_STATUSES)[number]

/** One action of the ledger, by an agent in a pod or outside of one. */
export interface LedgerRow {
  action_id: string
  agent_id: string
  agent_name: string | null
  swarm_id: string | null
  parent_action_id: string | null
  action_type: string
  declared_goal: string
  status: LedgerStatus
  reversible: boolean
  /** As the agent reported it. */
  risk_score: number
  confidence: number
  systems_touched: readonly string[]
  authorization_scope: string | null
  error_message: string | null
  duration_ms: number | null
  cost_estimate: number | null
  tokens_in: number | null
  tokens_out: number | null
  timestamp_start: string
  timestamp_end: string | null
}

export const LOOP_PRIORITIES = ['low', 'medium', 'high', 'critical'] as const
export type LoopPriority = (typeof LOOP_PRIORITIES)[number]

/** Something that an action left open. */
export interface LoopRow {
  loop_id: string
  action_id: string
  agent_id: string | null
  loop_type: string
  description: string
  status: 'open' | 'resolved' | 'cancelled'
  priority: LoopPriority
  created_at: string
}

/** A belief that an action rests on. */
export interface Assumption {
  assumption_id: string
  action_id: string
  agent_id: string | null
  assumption: string
  validated: boolean
  invalidated: boolean
  invalidated_reason: string | null
  created_at: string
}

/** Severity of a statistical drift alert. */
export type DriftSeverity = 'critical' | 'warning' | 'info'

/**
 * Why a request is refused. Doors make statuses of the kinds: invalid 400, missing 404, conflict
 * 409, gone 410.
 */
export interface GovernanceRefusal {
  kind: 'invalid' | 'missing' | 'conflict' | 'gone'
  reason: string
}
