import { DAY, sinceTime } from '../times.ts'
import type { Assumption, GovernanceRefusal } from '../types.ts'

/** The kind of record that says when the assumption with this key turned out wrong. */
export const INVALIDATION = 'invalidation'

export interface AssumptionAnswer {
  validated: boolean
  invalidatedReason: string | null
}

/** Why an assumption cannot be marked so, or undefined. Validating again is fine. */
export function whyNotMarkAssumption(
  assumption: Pick<Assumption, 'invalidated'>,
  { validated, invalidatedReason }: AssumptionAnswer,
): GovernanceRefusal | undefined {
  if (assumption.invalidated)
    return { kind: 'conflict', reason: 'The assumption is already invalidated' }
  if (!validated && (invalidatedReason ?? '').trim() === '')
    return { kind: 'invalid', reason: 'invalidated_reason is required when validated is false' }
  return undefined
}

type Standing = Pick<Assumption, 'validated' | 'invalidated' | 'created_at'>

/** Days until an assumption that nobody checked counts as fully drifted. */
const FULL_DRIFT_DAYS = 30
const AT_RISK = 50
/** From this age on, an assumption that nobody checked is at risk: its score is rounded up. */
export const AT_RISK_DAYS = ((AT_RISK - 0.5) / 100) * FULL_DRIFT_DAYS
/** Older ones that nobody checked are stale. */
export const STALE_DAYS = 14

/** How far an assumption may have drifted, 0–100; null once it is invalidated. */
export function driftScore(assumption: Standing, now: number): number | null {
  if (assumption.invalidated) return null
  if (assumption.validated) return 0
  const days = sinceTime(assumption.created_at, now) / DAY
  return Math.min(100, Math.round((days / FULL_DRIFT_DAYS) * 100))
}

export function driftSummary(
  assumptions: readonly Standing[],
  now: number,
): { total: number; at_risk: number; validated: number; invalidated: number; unvalidated: number } {
  const invalidated = assumptions.filter((each) => each.invalidated).length
  const validated = assumptions.filter((each) => each.validated && !each.invalidated).length
  return {
    total: assumptions.length,
    at_risk: assumptions.filter((each) => (driftScore(each, now) ?? 0) >= AT_RISK).length,
    validated,
    invalidated,
    unvalidated: assumptions.length - validated - invalidated,
  }
}
