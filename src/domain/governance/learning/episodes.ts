import { MINUTE } from '../times.ts'
import { wholeScore } from '../statistics.ts'
import type { LedgerRow, LedgerStatus } from '../types.ts'
import type { OutcomeLabel } from './types.ts'

/** What an episode is scored from. */
export interface EpisodeFacts {
  action: Pick<
    LedgerRow,
    'status' | 'risk_score' | 'reversible' | 'confidence' | 'duration_ms' | 'cost_estimate'
  >
  invalidatedAssumptions: number
  openLoops: number
}

const BASE = 50
const STATUS_POINTS: Readonly<Partial<Record<LedgerStatus, number>>> = {
  completed: 30,
  failed: -35,
  cancelled: -20,
  pending_approval: -8,
  running: -5,
}

/** How well an action went, 0–100. */
export function episodeScore({ action, invalidatedAssumptions, openLoops }: EpisodeFacts): number {
  const points = [
    BASE,
    STATUS_POINTS[action.status] ?? 0,
    riskPoints(action.risk_score),
    action.reversible ? 5 : -8,
    durationPoints(action.duration_ms),
    costPoints(action.cost_estimate),
    confidencePoints(action.status, action.confidence),
    -Math.min(16, 4 * invalidatedAssumptions),
    -Math.min(10, 2 * openLoops),
  ]
  return wholeScore(points.reduce((sum, each) => sum + each, 0))
}

function riskPoints(risk: number): number {
  if (risk > 60) return -Math.min(20, Math.round((risk - 60) / 2))
  return risk <= 30 ? 4 : 0
}

function durationPoints(ms: number | null): number {
  if (ms === null) return 0
  if (ms <= MINUTE) return 6
  if (ms <= 5 * MINUTE) return 3
  return ms <= 30 * MINUTE ? -4 : -10
}

function costPoints(usd: number | null): number {
  if (usd === null) return 0
  if (usd <= 0.05) return 4
  if (usd <= 1) return 1
  return usd <= 5 ? -4 : -8
}

function confidencePoints(status: LedgerStatus, confidence: number): number {
  if (status === 'completed') return confidence >= 70 ? 4 : 0
  return status === 'failed' && confidence >= 80 ? -8 : 0
}

export function outcomeLabel(status: LedgerStatus): OutcomeLabel {
  if (status === 'completed') return 'success'
  return status === 'failed' || status === 'cancelled' ? 'failure' : 'pending'
}
