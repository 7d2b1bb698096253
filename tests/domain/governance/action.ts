import type { Assumption, LedgerRow, LoopRow } from '../../../src/domain/governance/types.ts'

/** The time that tests of governance run at. */
export const NOW = Date.parse('2026-06-15T12:00:00.000Z')

/** A time so many milliseconds before `NOW`. */
export function before(ms: number): string {
  return new Date(NOW - ms).toISOString()
}

/** An action of scout that completed an hour ago. */
export function ledgerAction(over: Partial<LedgerRow> = {}): LedgerRow {
  return {
    action_id: 'act_1',
    agent_id: 'scout',
    agent_name: null,
    swarm_id: null,
    parent_action_id: null,
    action_type: 'build',
    declared_goal: 'build it',
    status: 'completed',
    reversible: true,
    risk_score: 40,
    confidence: 50,
    systems_touched: [],
    authorization_scope: null,
    error_message: null,
    duration_ms: null,
    cost_estimate: null,
    tokens_in: null,
    tokens_out: null,
    timestamp_start: before(3_600_000),
    timestamp_end: null,
    ...over,
  }
}

export function openLoop(over: Partial<LoopRow> = {}): LoopRow {
  return {
    loop_id: 'loop_1',
    action_id: 'act_1',
    agent_id: 'scout',
    loop_type: 'followup',
    description: 'ask again',
    status: 'open',
    priority: 'medium',
    created_at: before(0),
    ...over,
  }
}

export function assumption(over: Partial<Assumption> = {}): Assumption {
  return {
    assumption_id: 'asm_1',
    action_id: 'act_1',
    agent_id: 'scout',
    assumption: 'the disk is large',
    validated: false,
    invalidated: false,
    invalidated_reason: null,
    created_at: before(0),
    ...over,
  }
}
