import { jsonObject, writeJson } from '../../files/json.ts'
import { Float } from '../../text.ts'
import { standardDeviation, mean, variance } from './statistics.ts'

/** One value of a metric; `at` in Unix milliseconds. */
export interface MetricPoint {
  step: number
  value: number
  at: number
}

/** Receives every point. Memory keeps it too. */
export type MetricSink = (name: string, point: MetricPoint) => void

export interface SeriesSummary {
  count: number
  mean: number
  std: number
  min: number
  max: number
  latest: number
  first: number
  improvement: number
}

export interface TrainingMonitor {
  /** Adds a value; false if it is not finite, which is ignored. */
  scalar(name: string, value: number, step: number): boolean
  names(): string[]
  points(name: string): readonly MetricPoint[]
  summary(name: string): SeriesSummary | undefined
  /** All metrics as JSON text. */
  json(): string
}

const KEPT = 100_000

export function trainingMonitor({
  now,
  sink,
  kept = KEPT,
}: {
  now: () => number
  sink?: MetricSink
  kept?: number
}): TrainingMonitor {
  const series = new Map<string, MetricPoint[]>()
  const points = (name: string) => series.get(name) ?? []
  return {
    scalar(name, value, step) {
      if (!Number.isFinite(value)) return false
      const point = { step, value, at: now() }
      const known = points(name)
      known.push(point)
      if (known.length > kept) known.splice(0, known.length - kept)
      series.set(name, known)
      sink?.(name, point)
      return true
    },
    names: () => [...series.keys()],
    points,
    summary: (name) => summarizeSeries(points(name).map(({ value }) => value)),
    json: () =>
      writeJson(
        new Map(
          [...series].map(([name, list]) => [
            name,
            list.map(({ step, value, at }) => jsonObject({ step, value: new Float(value), at })),
          ]),
        ),
        { indent: 2 },
      ),
  }
}

export function summarizeSeries(values: readonly number[]): SeriesSummary | undefined {
  const [first, latest] = [values[0], values.at(-1)]
  if (first === undefined || latest === undefined) return undefined
  return {
    count: values.length,
    mean: mean(values),
    std: standardDeviation(values),
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
    latest,
    first,
    improvement: latest - first,
  }
}

/** Runs by the mean of a metric, highest first; runs without it are left out. */
export function compareRuns(
  runs: Readonly<Record<string, TrainingMonitor>>,
  name: string,
): { run: string; summary: SeriesSummary }[] {
  const known = Object.entries(runs).flatMap(([run, monitor]) => {
    const summary = monitor.summary(name)
    return summary === undefined ? [] : [{ run, summary }]
  })
  return known.sort((a, b) => b.summary.mean - a.summary.mean)
}

/** Whether the variance of the last ten values is below the threshold. */
export function hasConverged(
  values: readonly number[],
  { window = 10, threshold = 0.01 } = {},
): boolean {
  return values.length >= window && variance(values.slice(-window)) < threshold
}

/**
 * Whether the mean difference between neighbours among the last twenty values is below the
 * threshold.
 */
export function hasPlateaued(
  values: readonly number[],
  { window = 20, threshold = 0.001 } = {},
): boolean {
  const last = values.slice(-window)
  return (
    last.length >= window &&
    mean(last.slice(1).map((value, i) => Math.abs(value - (last[i] as number)))) < threshold
  )
}

/** Values that approach a limit: `limit - span * exp(-rate * step)`. */
export interface SaturationFit {
  limit: number
  span: number
  rate: number
  error: number
}

const LEAST_FIT = 5
const RATES_TRIED = 200

/** The best fit by least squares, over a grid of rates; undefined for fewer than five values. */
export function fitSaturation(values: readonly number[]): SaturationFit | undefined {
  if (values.length < LEAST_FIT) return undefined
  let best: SaturationFit | undefined
  for (let i = 0; i <= RATES_TRIED; i++) {
    const fit = fitted(values, 10 ** (-4 + (5 * i) / RATES_TRIED))
    if (best === undefined || fit.error < best.error) best = fit
  }
  return best
}

/** For a given rate, limit and span are a linear regression of the values on the decay. */
function fitted(values: readonly number[], rate: number): SaturationFit {
  const decay = values.map((_, step) => Math.exp(-rate * step))
  const [meanDecay, meanValue] = [mean(decay), mean(values)]
  const spread = decay.reduce((sum, x) => sum + (x - meanDecay) ** 2, 0)
  const slope =
    spread === 0
      ? 0
      : decay.reduce(
          (sum, x, i) => sum + (x - meanDecay) * ((values[i] as number) - meanValue),
          0,
        ) / spread
  const limit = meanValue - slope * meanDecay
  return {
    limit,
    span: -slope,
    rate,
    error: mean(values.map((value, i) => (value - limit - slope * (decay[i] as number)) ** 2)),
  }
}
