/** One line of the table: what was reached, beside its floor from the same run. */
export interface Row {
  what: string
  /** As it is printed; '—' when it was not measured. */
  reached: string
  floor: string
  /** Reached over floor; null without a floor. */
  ratio: number | null
  target: string
  /** Null: not measured, `note` says why. */
  ok: boolean | null
  note: string
}

/** What a group is given: the built program, and where it may say how far it is. */
export interface Bench {
  program: string
  /** How long the flooded deck is measured; other groups have their own times. */
  seconds: number
  say(what: string): void
}

export interface Group {
  name: string
  rows: readonly string[]
  run(bench: Bench): Promise<Row[]>
}

export interface Measured {
  what: string
  value: number
  unit: string
  floor?: { what: string; value: number }
  /** A bound on the value or on its ratio to the floor, or on the one and `ratio` on the other. */
  target: { atMost?: number; atLeast?: number; of?: 'value' | 'ratio'; ratio?: number }
  note?: string
}

export function row({ what, value, unit, floor, target, note }: Measured): Row {
  const ratio = floor === undefined || floor.value === 0 ? null : value / floor.value
  return {
    what,
    ratio,
    reached: `${amount(value)} ${unit}`,
    floor: floor === undefined ? '' : `${floor.what} ${amount(floor.value)} ${unit}`,
    target: targetText(target, unit),
    ok: isReached(target, value, ratio ?? Number.NaN),
    note: note ?? '',
  }
}

function targetText({ atMost, atLeast = 0, of, ratio }: Measured['target'], unit: string): string {
  const bound = atMost === undefined ? `≥ ${amount(atLeast)}` : `≤ ${amount(atMost)}`
  const more = ratio === undefined ? '' : `, ≤ ${amount(ratio)}×`
  return `${bound}${of === 'ratio' ? '×' : ` ${unit}`}${more}`
}

function isReached(target: Measured['target'], value: number, ratio: number): boolean {
  const judged = target.of === 'ratio' ? ratio : value
  const isBounded =
    target.atMost === undefined ? judged >= (target.atLeast ?? 0) : judged <= target.atMost
  return isBounded && (target.ratio === undefined || ratio <= target.ratio)
}

export function missing(what: string, why: string): Row {
  return {
    what,
    reached: '—',
    floor: '',
    ratio: null,
    target: '',
    ok: null,
    note: `not measured: ${why}`,
  }
}

/** Three significant digits, thousands apart. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return Number(value.toFixed(Math.min(digits, 3)))
    .toLocaleString('en-GB', { maximumFractionDigits: 3 })
    .replaceAll(',', ' ')
}

/** The value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

/** Several rounds of several measurements, one after another within a round, so that a noisy moment meets all of them. */
export async function rounds<K extends string>(
  count: number,
  measure: Record<K, () => Promise<number> | number>,
): Promise<Record<K, number>> {
  const names = Object.keys(measure) as K[]
  const all = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < count; round++) {
    for (const name of names) all.get(name)?.push(await measure[name]())
  }
  return Object.fromEntries(names.map((name) => [name, median(all.get(name) ?? [])])) as Record<
    K,
    number
  >
}

export const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Looks again every few milliseconds until there is something. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patienceMs = 20_000,
): Promise<T> {
  for (const began = performance.now(); performance.now() - began < patienceMs;) {
    const found = await look()
    if (found !== undefined) return found
    await wait(5)
  }
  throw new Error(`${what} did not come within ${patienceMs / 1000} s`)
}
