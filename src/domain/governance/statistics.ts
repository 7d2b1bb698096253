/** A number between two others, both included. What is no number becomes the lower one. */
export function clamp(value: number, low: number, high: number): number {
  return Number.isNaN(value) ? low : Math.min(high, Math.max(low, value))
}

/** A whole score from 0 to 100. */
export function wholeScore(value: number): number {
  return Math.round(clamp(value, 0, 100))
}

/** Rounded half up to so many decimals; −0 becomes 0. */
export function roundTo(value: number, decimals: number): number {
  const factor = 10 ** decimals
  return Math.round(value * factor) / factor + 0
}

/** Of no values: 0. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

export function meanOrNull(values: readonly number[], decimals: number): number | null {
  return values.length === 0 ? null : roundTo(meanOf(values), decimals)
}

/** Sample standard deviation (n − 1). Of fewer than two values: 0. */
export function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1))
}

export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

/** The quantile of ascending values, linearly between neighbours. `part` 0–1. Of none: null. */
export function quantile(sorted: readonly number[], part: number): number | null {
  if (sorted.length === 0) return null
  const at = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number]
  return below + (above - below) * (at - Math.floor(at))
}

export function medianOf(values: readonly number[]): number | null {
  return quantile(ascending(values), 0.5)
}

/** The slope of the least-squares line through values at 0, 1, 2 … Of fewer than two: 0. */
export function slopeOf(values: readonly number[]): number {
  const n = values.length
  if (n < 2) return 0
  const middle = (n - 1) / 2
  const mean = meanOf(values)
  let over = 0
  let under = 0
  for (const [x, y] of values.entries()) {
    over += (x - middle) * (y - mean)
    under += (x - middle) ** 2
  }
  return over / under
}

/** Those of some values that are finite numbers. */
export function finite(values: readonly (number | null | undefined)[]): number[] {
  return values.filter((value): value is number => Number.isFinite(value))
}

/** A share of a whole; of nothing: 0. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** Values by what they have in common, in the order of their first appearance. */
export function groupedBy<T>(values: Iterable<T>, keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
