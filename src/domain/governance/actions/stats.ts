import { ratio, roundTo } from '../statistics.ts'
import type { LedgerRow, LedgerStatus } from '../types.ts'

/** Sums over actions that can be kept while actions come, change and go. */
export interface ActionTotals {
  byStatus: Readonly<Partial<Record<LedgerStatus, number>>>
  highRisk: number
  riskSum: number
  /** In millionths of a USD, so that sums are exact. */
  costSum: number
}

export const NO_ACTIONS: ActionTotals = { byStatus: {}, highRisk: 0, riskSum: 0, costSum: 0 }

type Counted = Pick<LedgerRow, 'status' | 'risk_score' | 'cost_estimate'>

const HIGH_RISK = 70

/** The sums after an action changed. `before` is null for a new one, `after` for a deleted one. */
export function actionTotals(
  totals: ActionTotals,
  before: Counted | null,
  after: Counted | null,
): ActionTotals {
  const less = before === null ? totals : counted(totals, before, -1)
  return after === null ? less : counted(less, after, 1)
}

function counted(totals: ActionTotals, action: Counted, by: 1 | -1): ActionTotals {
  const { status, risk_score, cost_estimate } = action
  return {
    byStatus: { ...totals.byStatus, [status]: (totals.byStatus[status] ?? 0) + by },
    highRisk: totals.highRisk + (risk_score >= HIGH_RISK ? by : 0),
    riskSum: totals.riskSum + by * risk_score,
    costSum: totals.costSum + by * Math.round((cost_estimate ?? 0) * 1_000_000),
  }
}

type CountedStatus = 'completed' | 'failed' | 'running' | 'blocked'

/** The statistics that lists of actions come with. */
export function actionStats({
  byStatus,
  highRisk,
  riskSum,
  costSum,
}: ActionTotals): Record<
  CountedStatus | 'total' | 'high_risk' | 'avg_risk' | 'total_cost',
  number
> {
  const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0)
  return {
    total,
    completed: byStatus.completed ?? 0,
    failed: byStatus.failed ?? 0,
    running: byStatus.running ?? 0,
    blocked: byStatus.blocked ?? 0,
    high_risk: highRisk,
    avg_risk: roundTo(ratio(riskSum, total), 2),
    total_cost: costSum / 1_000_000,
  }
}
