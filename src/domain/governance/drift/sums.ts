import type { GroupSums, Sums } from '../records/sums.ts'
import type { DriftSeverity } from '../types.ts'
import { worstDrift } from './rules.ts'

/** What an alert of drift adds to: of all, of its agent and of its metric. */
export function driftAlertSums(data: object): GroupSums[] {
  const alert = data as {
    agent_id: string
    metric: string
    severity: DriftSeverity
    acknowledged: boolean
  }
  const sums = { total: 1, ...(alert.acknowledged ? {} : { open: 1, [alert.severity]: 1 }) }
  return [['all'], ['agent', alert.agent_id], ['metric', alert.metric]].map((of) => ({ of, sums }))
}

const SEVERITIES: readonly DriftSeverity[] = ['critical', 'warning', 'info']

/** The worst severity of alerts that nobody acknowledged; null without any. */
export function openDrift(sums: Sums): DriftSeverity | null {
  return worstDrift(SEVERITIES.filter((severity) => (sums[severity] ?? 0) > 0))
}

/** Alerts as they are counted for people: those that nobody acknowledged by severity. */
export function driftCounts(
  sums: Sums,
): Record<'total' | 'unacknowledged' | DriftSeverity, number> {
  const { total = 0, open = 0, critical = 0, warning = 0, info = 0 } = sums
  return { total, unacknowledged: open, critical, warning, info }
}
