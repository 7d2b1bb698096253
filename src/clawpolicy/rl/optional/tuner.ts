import { Fault } from '../../../base/fault.ts'
import { randomNormal, randomPick, type RandomSource } from '../random.ts'
import { mean, variance } from './statistics.ts'

/** The values of a hyperparameter: a range, or a list of values of any kind. */
export type ParameterRange =
  | { readonly low: number; readonly high: number; readonly integer?: boolean }
  | { readonly choices: readonly unknown[] }
export type SearchSpace = Readonly<Record<string, ParameterRange>>
export type Hyperparameters = Readonly<Record<string, unknown>>

export interface TunerTrial {
  settings: Hyperparameters
  score: number
}

export type SearchMethod = 'grid' | 'random' | 'bayesian'

export interface TunerOptions {
  space: SearchSpace
  /** Higher is better. */
  objective: (settings: Hyperparameters) => number | Promise<number>
  method?: SearchMethod
  /** The most trials: 20 by default; a grid is searched completely unless this ends it. */
  trials?: number
  random: RandomSource
  /** Ends the search after `patience` trials in a row that were not better by `delta`. */
  stopping?: { patience: number; delta: number }
  /** Asked after each trial; returning true ends the search. */
  stop?: () => boolean
}

export interface TunerResult {
  best: TunerTrial | undefined
  trials: TunerTrial[]
  /**
   * The share of the variance of scores between the groups of a hyperparameter, 0 to 1; empty for
   * fewer than ten trials.
   */
  importance: Record<string, number>
}

const DEFAULT_STOPPING = { patience: 10, delta: 0.001 } as const

const GRID_POINTS = 5
const MOST_TRIALS = 100_000
const FIRST_BY_CHANCE = 5
const NEAR = 0.1
const STAYS = 0.8
const ENOUGH = 10

/**
 * Searches for the hyperparameters with the highest score. Throws Fault `input.invalid` for an
 * empty range or list.
 */
export async function tuneHyperparameters({
  space,
  objective,
  method = 'random',
  trials,
  random,
  stopping,
  stop = () => false,
}: TunerOptions): Promise<TunerResult> {
  checkSpace(space)
  const done: TunerTrial[] = []
  let best: TunerTrial | undefined
  const isStuck = stopping === undefined ? () => false : earlyStopping(stopping)
  for (const next of proposals(space, method, trials, random)) {
    const settings = next(best)
    const score = await objective(settings)
    const trial = { settings, score }
    done.push(trial)
    if (best === undefined || score > best.score) best = trial
    if (isStuck(score) || stop()) break
  }
  return { best, trials: done, importance: importanceOf(space, done) }
}

/** Whether to stop, score by score: none was better by `delta` for `patience` scores in a row. */
export function earlyStopping({
  patience,
  delta,
}: { patience: number; delta: number } = DEFAULT_STOPPING): (score: number) => boolean {
  let best = -Infinity
  let without = 0
  return (score) => {
    const better = score > best + delta
    if (better) best = score
    without = better ? 0 : without + 1
    return without >= patience
  }
}

type Proposal = (best: TunerTrial | undefined) => Hyperparameters

function* proposals(
  space: SearchSpace,
  method: SearchMethod,
  trials: number | undefined,
  random: RandomSource,
): Iterable<Proposal> {
  if (method === 'grid') {
    let left = trials ?? MOST_TRIALS
    for (const settings of grid(Object.entries(space))) {
      if (left-- <= 0) return
      yield () => settings
    }
    return
  }
  for (let i = 0; i < (trials ?? 20); i++) {
    yield (best) =>
      method === 'bayesian' && i >= FIRST_BY_CHANCE && best !== undefined
        ? near(space, best.settings, random)
        : anywhere(space, random)
  }
}

function* grid([first, ...rest]: [string, ParameterRange][]): Iterable<Hyperparameters> {
  if (first === undefined) {
    yield {}
    return
  }
  const [name, setting] = first
  for (const value of points(setting))
    for (const others of grid(rest)) yield { [name]: value, ...others }
}

function points(setting: ParameterRange): readonly unknown[] {
  if ('choices' in setting) return setting.choices
  const values = Array.from({ length: GRID_POINTS }, (_, i) =>
    within(setting, setting.low + ((setting.high - setting.low) * i) / (GRID_POINTS - 1)),
  )
  return [...new Set(values)]
}

function anywhere(space: SearchSpace, random: RandomSource): Hyperparameters {
  return mapped(space, (setting) =>
    'choices' in setting
      ? randomPick(random, setting.choices)
      : within(setting, setting.low + (setting.high - setting.low) * random()),
  )
}

/**
 * Near the best so far: normal with a sigma of a tenth of the range; a list keeps its value with
 * probability 0.8.
 */
function near(space: SearchSpace, best: Hyperparameters, random: RandomSource): Hyperparameters {
  return mapped(space, (setting, name) => {
    if ('choices' in setting)
      return random() < STAYS ? best[name] : randomPick(random, setting.choices)
    return within(
      setting,
      (best[name] as number) + randomNormal(random) * NEAR * (setting.high - setting.low),
    )
  })
}

function mapped(
  space: SearchSpace,
  value: (setting: ParameterRange, name: string) => unknown,
): Hyperparameters {
  return Object.fromEntries(
    Object.entries(space).map(([name, setting]) => [name, value(setting, name)]),
  )
}

function within(
  { low, high, integer }: { low: number; high: number; integer?: boolean },
  value: number,
): number {
  const bounded = Math.min(high, Math.max(low, value))
  return integer === true ? Math.round(bounded) : bounded
}

/**
 * The variance between groups of equal values, as a share of the total. A range has five groups.
 */
function importanceOf(space: SearchSpace, trials: readonly TunerTrial[]): Record<string, number> {
  if (trials.length < ENOUGH) return {}
  const scores = trials.map(({ score }) => score)
  const [all, total] = [mean(scores), variance(scores)]
  return Object.fromEntries(
    Object.entries(space).map(([name, setting]) => {
      const groups = Map.groupBy(trials, ({ settings }) => groupOf(setting, settings[name]))
      const between =
        [...groups.values()].reduce(
          (sum, group) => sum + group.length * (mean(group.map(({ score }) => score)) - all) ** 2,
          0,
        ) / trials.length
      return [name, total === 0 ? 0 : between / total]
    }),
  )
}

function groupOf(setting: ParameterRange, value: unknown): string {
  if ('choices' in setting) return JSON.stringify(value) ?? 'undefined'
  const share =
    setting.high === setting.low
      ? 0
      : ((value as number) - setting.low) / (setting.high - setting.low)
  return String(Math.min(GRID_POINTS - 1, Math.floor(share * GRID_POINTS)))
}

function checkSpace(space: SearchSpace): void {
  for (const [name, setting] of Object.entries(space)) {
    const empty =
      'choices' in setting
        ? setting.choices.length === 0
        : !(
            Number.isFinite(setting.low) &&
            Number.isFinite(setting.high) &&
            setting.low <= setting.high
          )
    if (empty)
      throw new Fault('input.invalid', `the setting ${name} can be nothing`, {
        hint: 'Give it a range from low to high, or a list of choices.',
      })
  }
}
