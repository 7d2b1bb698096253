import type { Decision } from '../../policy/types.ts'
import type { LedgerStatus } from '../types.ts'

export interface ComplianceEvidence {
  window: string
  window_days: number
  evidence: {
    guard_decisions_total: number
    guard_decisions_blocked: number
    /** Held or warned. */
    approval_requests: number
    action_records_total: number
    breakdown: Readonly<Record<Decision, number>>
    action_breakdown: Readonly<Partial<Record<LedgerStatus, number>>>
  }
  generated_at: string
}

const DEFAULT_DAYS = 30
const MOST_DAYS = 365

/** The days of a window such as `7d`: its leading whole number, else 30. At most a year. */
export function windowDays(window: string | null): number {
  const days = Number.parseInt(window ?? '', 10)
  return days >= 1 ? Math.min(MOST_DAYS, days) : DEFAULT_DAYS
}

export interface EvidenceCounts {
  decisions: Readonly<Partial<Record<Decision, number>>>
  actions: Readonly<Partial<Record<LedgerStatus, number>>>
}

/** What the guard decided and what agents did within a window. */
export function complianceEvidence(
  window: string | null,
  { decisions, actions }: EvidenceCounts,
  at: string,
): ComplianceEvidence {
  const breakdown = { allow: 0, warn: 0, require_approval: 0, block: 0, ...decisions }
  const total = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0)
  const days = windowDays(window)
  return {
    window: window ?? `${DEFAULT_DAYS}d`,
    window_days: days,
    evidence: {
      guard_decisions_total: total(breakdown),
      guard_decisions_blocked: breakdown.block,
      approval_requests: breakdown.require_approval + breakdown.warn,
      action_records_total: total(actions),
      breakdown,
      action_breakdown: actions,
    },
    generated_at: at,
  }
}
