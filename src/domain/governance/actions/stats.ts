import { ratio, roundTo } from '../statistics.ts'
import type { LedgerRow, LedgerStatus } from '../types.ts'

/** What actions of one status add up to. */
interface StatusTotals {
  count: number
  highRisk: number
  riskSum: number
  /** In millionths of a USD, so that sums are exact. */
  costSum: number
}

/** Sums over actions by status, that can be kept while actions come, change and go. */
export type ActionTotals = Readonly<Partial<Record<LedgerStatus, StatusTotals>>>

export const NO_ACTIONS: ActionTotals = {}

type Counted = Pick<LedgerRow, 'status' | 'risk_score' | 'cost_estimate'>

const NOTHING: StatusTotals = { count: 0, highRisk: 0, riskSum: 0, costSum: 0 }
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
  const { status, risk_score } = action
  const { count, highRisk, riskSum, costSum } = totals[status] ?? NOTHING
  return {
    ...totals,
    [status]: {
      count: count + by,
      highRisk: highRisk + (risk_score >= HIGH_RISK ? by : 0),
      riskSum: riskSum + by * risk_score,
      costSum: costSum + by * costOf(action),
    },
  }
}

/** What an action cost, in millionths of a USD. */
export function costOf({ cost_estimate: cost }: Pick<LedgerRow, 'cost_estimate'>): number {
  return Math.round((cost ?? 0) * 1_000_000)
}

/** Sums of several groups together. */
export function allTotals(groups: readonly ActionTotals[]): ActionTotals {
  const all = new Map<LedgerStatus, StatusTotals>()
  for (const group of groups)
    for (const [name, added] of Object.entries(group)) {
      const status = name as LedgerStatus
      const { count, highRisk, riskSum, costSum } = all.get(status) ?? NOTHING
      all.set(status, {
        count: count + added.count,
        highRisk: highRisk + added.highRisk,
        riskSum: riskSum + added.riskSum,
        costSum: costSum + added.costSum,
      })
    }
  return Object.fromEntries(all)
}

type CountedStatus = 'completed' | 'failed' | 'running' | 'blocked'

/** The statistics that lists of actions come with. */
export function actionStats(
  totals: ActionTotals,
): Record<CountedStatus | 'total' | 'high_risk' | 'avg_risk' | 'total_cost', number> {
  const all = Object.values(totals)
  const sum = (key: keyof StatusTotals) => all.reduce((before, each) => before + each[key], 0)
  const of = (status: LedgerStatus) => totals[status]?.count ?? 0
  const total = sum('count')
  return {
    total,
    completed: of('completed'),
    failed: of('failed'),
    running: of('running'),
    blocked: of('blocked'),
    high_risk: sum('highRisk'),
    avg_risk: roundTo(ratio(sum('riskSum'), total), 2),
    total_cost: sum('costSum') / 1_000_000,
  }
}
