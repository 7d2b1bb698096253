import { plain } from '../../../base/text.ts'
import {
  ascending,
  finite,
  groupedBy,
  meanOf,
  quantile,
  roundTo,
  sampleDeviation,
} from '../statistics.ts'
import type { DriftSeverity, LedgerRow } from '../types.ts'

export const DRIFT_METRICS = [
  { id: 'risk_score', label: 'Risk score' },
  { id: 'confidence', label: 'Confidence' },
  { id: 'duration_ms', label: 'Duration (ms)' },
  { id: 'cost_estimate', label: 'Cost (USD)' },
  { id: 'tokens_total', label: 'Tokens' },
  { id: 'learning_score', label: 'Learning score' },
] as const
export type DriftMetric = (typeof DRIFT_METRICS)[number]['id']

export const DRIFT_LIMITS = {
  baselineDays: 30,
  windowDays: 7,
  baselineValues: 5,
  currentValues: 3,
  agentsPerRun: 50,
} as const

type Measured = Pick<
  LedgerRow,
  | 'agent_id'
  | 'risk_score'
  | 'confidence'
  | 'duration_ms'
  | 'cost_estimate'
  | 'tokens_in'
  | 'tokens_out'
> & { learning_score: number | null }

/**
 * The values of a metric, of each agent by its id. Durations, costs and tokens count from above
 * zero; a score may be zero.
 */
export function driftValues(
  actions: readonly Measured[],
  metric: DriftMetric,
): Map<string, number[]> {
  const groups = [...groupedBy(actions, ({ agent_id }) => agent_id)]
  return new Map(
    groups
      .slice(0, DRIFT_LIMITS.agentsPerRun)
      .map(([agent, own]) => [agent, finite(own.map((action) => metricOf(action, metric)))]),
  )
}

function metricOf(action: Measured, metric: DriftMetric): number | null {
  switch (metric) {
    case 'tokens_total':
      return positive((action.tokens_in ?? 0) + (action.tokens_out ?? 0))
    case 'duration_ms':
    case 'cost_estimate':
      return positive(action[metric])
    default:
      return action[metric]
  }
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}

/** How the values of a metric were distributed. */
export interface DriftBaseline {
  sample_count: number
  mean: number
  stddev: number
  median: number
  p5: number
  p25: number
  p75: number
  p95: number
  min: number
  max: number
  distribution: { from: number; to: number; count: number }[]
}

/** The baseline of some values, or undefined if there are fewer than five. */
export function driftBaseline(values: readonly number[]): DriftBaseline | undefined {
  if (values.length < DRIFT_LIMITS.baselineValues) return undefined
  const sorted = ascending(values)
  const at = (part: number) => roundTo(quantile(sorted, part) ?? 0, 3)
  return {
    sample_count: values.length,
    mean: roundTo(meanOf(values), 3),
    stddev: roundTo(sampleDeviation(values), 3),
    median: at(0.5),
    p5: at(0.05),
    p25: at(0.25),
    p75: at(0.75),
    p95: at(0.95),
    min: at(0),
    max: at(1),
    distribution: histogram(sorted),
  }
}

const BUCKETS = 10

/** Ten buckets of equal width between the least and the greatest value; one if all are equal. */
function histogram(sorted: readonly number[]): DriftBaseline['distribution'] {
  const [low, high] = [sorted[0] as number, sorted.at(-1) as number]
  if (low === high) return [{ from: roundTo(low, 3), to: roundTo(high, 3), count: sorted.length }]
  const width = (high - low) / BUCKETS
  const counts = Array.from({ length: BUCKETS }, () => 0)
  for (const value of sorted) {
    const at = Math.min(BUCKETS - 1, Math.floor((value - low) / width))
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts.map((count, i) => ({
    from: roundTo(low + i * width, 3),
    to: roundTo(low + (i + 1) * width, 3),
    count,
  }))
}

/** That a metric of an agent moved away from its baseline. */
export interface DriftFinding {
  agent_id: string
  metric: DriftMetric
  severity: DriftSeverity
  drift_type: 'shift'
  z_score: number
  pct_change: number
  direction: 'increasing' | 'decreasing'
  baseline_mean: number
  current_mean: number
  description: string
}

/** A z-score for values that never varied before and do now. */
const BEYOND_MEASURE = 999

/** Compares recent values with a baseline. Too few, or no notable difference: undefined. */
export function detectDrift(
  subject: { agentId: string; metric: DriftMetric },
  baseline: Pick<DriftBaseline, 'mean' | 'stddev'>,
  current: readonly number[],
): DriftFinding | undefined {
  if (current.length < DRIFT_LIMITS.currentValues) return undefined
  const mean = roundTo(meanOf(current), 3)
  const z = zScore(mean, baseline)
  const severity = severityOf(Math.abs(z))
  if (severity === undefined) return undefined
  const change = mean - baseline.mean
  const direction = change > 0 ? 'increasing' : 'decreasing'
  const label = DRIFT_METRICS.find(({ id }) => id === subject.metric)?.label ?? subject.metric
  return {
    agent_id: subject.agentId,
    metric: subject.metric,
    severity,
    drift_type: 'shift',
    z_score: roundTo(z, 3),
    pct_change: percentChange(change, baseline.mean),
    direction,
    baseline_mean: baseline.mean,
    current_mean: mean,
    description: [
      `${label} of ${plain(subject.agentId, 128)} is ${direction}:`,
      `mean ${mean}, before ${baseline.mean}`,
    ].join(' '),
  }
}

function zScore(mean: number, baseline: Pick<DriftBaseline, 'mean' | 'stddev'>): number {
  const difference = mean - baseline.mean
  if (baseline.stddev > 0) return difference / baseline.stddev
  return difference === 0 ? 0 : BEYOND_MEASURE
}

function severityOf(z: number): DriftSeverity | undefined {
  if (z >= 3) return 'critical'
  if (z >= 2) return 'warning'
  return z >= 1.5 ? 'info' : undefined
}

/** In percent of the baseline; from nothing, it is 100 in its direction. */
function percentChange(change: number, before: number): number {
  return before === 0 ? Math.sign(change) * 100 : roundTo((change / Math.abs(before)) * 100, 3)
}

/** What is recorded of a metric's values of the last 24 hours. */
export function driftSnapshot(
  values: readonly number[],
): { mean: number; stddev: number; sample_count: number } | undefined {
  if (values.length === 0) return undefined
  return {
    mean: roundTo(meanOf(values), 3),
    stddev: roundTo(sampleDeviation(values), 3),
    sample_count: values.length,
  }
}

const SEVERITY_ORDER: readonly DriftSeverity[] = ['critical', 'warning', 'info']

/** The worst of some severities, or null if there are none. */
export function worstDrift(severities: readonly DriftSeverity[]): DriftSeverity | null {
  return SEVERITY_ORDER.find((severity) => severities.includes(severity)) ?? null
}
