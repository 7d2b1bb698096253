import { ascending, finite } from '../statistics.ts'
import type { LedgerRow } from '../types.ts'
import type { DataSource, ScaleStep } from './types.ts'

export const CALIBRATION_METRICS = [
  'duration_ms',
  'cost_estimate',
  'tokens_total',
  'risk_score',
  'confidence',
] as const satisfies readonly DataSource[]
export type CalibrationMetric = (typeof CALIBRATION_METRICS)[number]

type Calibrated = Pick<
  LedgerRow,
  'duration_ms' | 'cost_estimate' | 'tokens_in' | 'tokens_out' | 'risk_score' | 'confidence'
>

export const CALIBRATION_LIMITS = { actions: 10_000, least: 10, leastValues: 5 } as const

const WEIGHTS: Readonly<Record<CalibrationMetric, number>> = {
  duration_ms: 0.2,
  cost_estimate: 0.2,
  tokens_total: 0.1,
  risk_score: 0.3,
  confidence: 0.2,
}

export interface CalibrationSuggestion {
  metric: CalibrationMetric
  data_source: DataSource
  lower_is_better: boolean
  sample_size: number
  distribution: Readonly<Record<'p10' | 'p25' | 'p50' | 'p75' | 'p90' | 'min' | 'max', number>>
  suggested_scale: readonly ScaleStep[]
  suggested_weight: number
}

export type Calibration =
  | { status: 'insufficient_data'; message: string; count: number; suggestions: [] }
  | {
      status: 'ok'
      count: number
      action_type: string
      lookback_days: number
      suggestions: CalibrationSuggestion[]
    }

export interface CalibrationRequest {
  actionType: string | null
  lookbackDays: number
  metrics: readonly CalibrationMetric[]
}

/** Scales that fit how past actions were distributed. `actions`: the newest of the last days. */
export function calibrate(
  actions: readonly Calibrated[],
  { actionType, lookbackDays, metrics }: CalibrationRequest,
): Calibration {
  const count = actions.length
  const { least } = CALIBRATION_LIMITS
  if (count < least)
    return {
      status: 'insufficient_data',
      message: `At least ${least} actions are needed; there are ${count}`,
      count,
      suggestions: [],
    }
  return {
    status: 'ok',
    count,
    action_type: actionType ?? '(all)',
    lookback_days: lookbackDays,
    suggestions: metrics.flatMap((metric) => {
      const values = ascending(finite(actions.map((action) => calibratedValue(action, metric))))
      return values.length < CALIBRATION_LIMITS.leastValues ? [] : [suggestion(metric, values)]
    }),
  }
}

function calibratedValue(action: Calibrated, metric: CalibrationMetric): number | null {
  if (metric !== 'tokens_total') return action[metric]
  const { tokens_in, tokens_out } = action
  return tokens_in === null && tokens_out === null ? null : (tokens_in ?? 0) + (tokens_out ?? 0)
}

function suggestion(metric: CalibrationMetric, sorted: readonly number[]): CalibrationSuggestion {
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number
  const distribution = {
    p10: at(0.1),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    min: at(0),
    max: at(1),
  }
  const lower = metric !== 'confidence'
  const { p25, p50, p75 } = distribution
  return {
    metric,
    data_source: metric,
    lower_is_better: lower,
    sample_size: sorted.length,
    distribution,
    suggested_scale: lower
      ? scaleOf(['lte', 'gt'], [p25, p50, p75])
      : scaleOf(['gte', 'lt'], [p75, p50, p25]),
    suggested_weight: WEIGHTS[metric],
  }
}

/** A scale whose first three steps are within a limit, and whose last is beyond the third. */
function scaleOf(
  [within, beyond]: readonly ['lte', 'gt'] | readonly ['gte', 'lt'],
  [best, good, enough]: readonly [number, number, number],
): ScaleStep[] {
  return [
    { label: 'excellent', operator: within, value: best, score: 100 },
    { label: 'good', operator: within, value: good, score: 75 },
    { label: 'acceptable', operator: within, value: enough, score: 50 },
    { label: 'poor', operator: beyond, value: enough, score: 20 },
  ]
}
