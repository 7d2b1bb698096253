import type { JsonRecord } from '../core/route.ts'

// Rows that several answers hold. A server may send more than is named here.

/** What the scanner found in what was written; the text itself is not stored. */
export interface WriteSecurity {
  clean: boolean
  findings_count: number
  critical_count: number
  categories: string[]
}

export type ActionStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'pending'
  | 'pending_approval'
  | 'blocked'
  | (string & {})

/** A row of the ledger. Lists are JSON text at the original platform, and flags 0 or 1. */
export interface LedgerAction {
  action_id: string
  agent_id: string
  action_type: string
  declared_goal: string
  status: ActionStatus
  agent_name?: string | null
  swarm_id?: string | null
  parent_action_id?: string | null
  reasoning?: string | null
  authorization_scope?: string | null
  trigger?: string | null
  systems_touched?: string | string[] | null
  input_summary?: string | null
  reversible?: 0 | 1 | boolean | null
  risk_score?: number | null
  confidence?: number | null
  output_summary?: string | null
  side_effects?: string | string[] | null
  artifacts_created?: string | string[] | null
  error_message?: string | null
  timestamp_start?: string | null
  timestamp_end?: string | null
  duration_ms?: number | null
  cost_estimate?: number | null
  tokens_in?: number | null
  tokens_out?: number | null
  model?: string | null
  approved_by?: string | null
  approved_at?: string | null
  verified?: 0 | 1 | boolean | null
}

/** What the guard answers; `reasons`, `warnings` and `matched_policies` are never null. */
export interface GuardAnswer {
  decision: 'allow' | 'warn' | 'require_approval' | 'block'
  /** The id of this decision, not of an action in the ledger. */
  action_id: string
  reason: string | null
  reasons: string[]
  warnings: string[]
  matched_policies: string[]
  signals: string[]
  /** 0 to 100; what the server computed, never below what the agent said. */
  risk_score: number
  agent_risk_score: number | null
  evaluated_at: string
  learning?: JsonRecord
  recovery?: JsonRecord
  predictive_risk?: JsonRecord
}

export interface CreatedAction {
  action: LedgerAction
  action_id: string
  /** With `hitlMode: 'wait'`: what was asked, where `action` is what an operator allowed. */
  requested?: LedgerAction
  decision?: GuardAnswer
  security?: WriteSecurity
}

export interface LedgerActionAnswer {
  action: LedgerAction
  open_loops?: OpenLoop[]
  assumptions?: LedgerAssumption[]
  message_summary?: {
    total: number
    participants: string[]
    first_message_at: string | null
    last_message_at: string | null
  }
}

export interface OpenLoop {
  loop_id: string
  action_id: string
  loop_type: string
  description: string
  status: 'open' | 'resolved' | 'cancelled' | (string & {})
  priority: 'low' | 'medium' | 'high' | 'critical' | (string & {})
  owner?: string | null
  resolution?: string | null
  agent_id?: string | null
  created_at?: string
  resolved_at?: string | null
}

export interface LedgerAssumption {
  assumption_id: string
  action_id: string
  assumption: string
  basis?: string | null
  validated: 0 | 1 | boolean
  validated_at?: string | null
  invalidated: 0 | 1 | boolean
  invalidated_reason?: string | null
  invalidated_at?: string | null
  created_at?: string
  /** 0 to 100 in a drift report; null when invalidated. */
  drift_score?: number | null
}

/** A computed risk condition. */
export interface RiskSignal {
  type: string
  severity: 'red' | 'amber'
  label: string
  detail: string
  help?: string
  agent_id?: string | null
  action_id?: string | null
  loop_id?: string | null
  assumption_id?: string | null
  session_id?: string | null
}

/** What a delete answers. */
export interface DeletedAnswer {
  deleted: boolean
}
