import { mean } from '../../../clawpolicy/rl/optional/statistics.ts'
import type { Confusion, TuneTrial } from './types.ts'

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
const WIDTH = 48

/**
 * Values from left to right as bars between their least and their greatest mean, with both numbers
 * beside.
 */
export function sparkline(values: readonly number[], width = WIDTH): string {
  if (values.length === 0) return ''
  const means = buckets(values, width).map(mean)
  const low = means.reduce((a, b) => Math.min(a, b))
  const high = means.reduce((a, b) => Math.max(a, b))
  const bars = means.map((value) => barOf(high === low ? 1 : (value - low) / (high - low)))
  return `${low.toFixed(2)} ${bars.join('')} ${high.toFixed(2)}`
}

function barOf(share: number): string {
  return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] as string
}

/** Values in at most `width` groups of neighbours, as even as possible. */
function buckets(values: readonly number[], width: number): number[][] {
  const count = Math.min(width, values.length)
  return Array.from({ length: count }, (_, i) =>
    values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    ),
  )
}

export function confusionTable(confusion: Confusion): string[] {
  const { allowedRun, allowedAsked, refusedRun, refusedAsked } = confusion
  return aligned([
    ['', 'model runs it', 'model asks'],
    ['people allowed it', String(allowedRun), String(allowedAsked)],
    ['people refused it', String(refusedRun), String(refusedAsked)],
  ])
}

/** The best trials, highest score first. */
export function trialTable(trials: readonly TuneTrial[], most = 5): string[] {
  const best = trials.toSorted((a, b) => b.score - a.score).slice(0, most)
  return aligned([
    ['score', 'actor rate', 'critic rate', 'replay'],
    ...best.map(({ score, actorRate, criticRate, prioritised }) => [
      score.toFixed(3),
      actorRate.toFixed(4),
      criticRate.toFixed(4),
      prioritised ? 'prioritised' : 'uniform',
    ]),
  ])
}

/** Rows with columns of equal width; the first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  )
}
