import type { Assumption, LedgerRow, LoopRow } from '../types.ts'

export const SIGNAL_TYPES = [
  'agent_silent',
  'autonomy_spike',
  'high_impact_low_oversight',
  'repeated_failures',
  'stale_loop',
  'assumption_drift',
  'stale_assumption',
  'stale_running_action',
  'workflow_stuck',
  'approval_backlog',
  'integration_mismatch',
  'session_stalled',
  'branch_stale',
  'mcp_degraded',
  'green_insufficient',
] as const
export type SignalType = (typeof SIGNAL_TYPES)[number]

/** A computed risk condition. */
export interface GovernanceSignal {
  type: SignalType
  severity: 'red' | 'amber'
  label: string
  detail: string
  /** What to do next. */
  help: string
  agent_id: string | null
  action_id?: string
  loop_id?: string
  assumption_id?: string
  session_id?: string
}

/** A signal, as the people of the deck see it. */
export interface DeskSignal extends GovernanceSignal {
  /** The same for the same condition of the same subject. */
  id: string
  org: string
  /** As the deck names it; '' for none. */
  agent: string
  /** The approval that its action waits for; '' for none. */
  approval: string
}

/** How often something happened to an agent within a signal's window. */
export interface AgentCount {
  agent_id: string
  count: number
}

export interface PresenceFact {
  agent_id: string
  status: string
  current_task_id: string | null
  last_heartbeat_at: string
}

export interface ConnectionFact {
  agent_id: string
  provider: string
  /** As the agent reports it. */
  status: string
  /** How the credentials stand that are stored here for this provider. */
  credentials: 'valid' | 'error' | 'absent'
}

export interface SessionFact {
  id: string
  agent_id: string
  status: string
  last_activity: string
}

/** What an agent's tools reported with a question to the guard. */
export interface IntelFact {
  agent_id: string | null
  action_type: string
  intel: Readonly<Record<string, unknown>>
  created_at: string
  /** Whether a policy of type `green_contract` warned, held or blocked. */
  notGreen: boolean
}

/** What signals are computed from. Rows that cannot matter may be left out. */
export interface SignalFacts {
  presences: readonly PresenceFact[]
  /** Actions per agent in the last hour. */
  actionsLastHour: readonly AgentCount[]
  /** Failed actions per agent in the last 24 hours. */
  failuresLastDay: readonly AgentCount[]
  /** Invalidated assumptions per agent in the last 7 days. */
  invalidationsLastWeek: readonly AgentCount[]
  /** Actions that run or wait for approval. */
  actions: readonly LedgerRow[]
  /** Open loops. */
  loops: readonly LoopRow[]
  /** Assumptions that are neither validated nor invalidated. */
  assumptions: readonly Assumption[]
  connections: readonly ConnectionFact[]
  /** Sessions that run. */
  sessions: readonly SessionFact[]
  /** Questions of the last hour. */
  intel: readonly IntelFact[]
}
