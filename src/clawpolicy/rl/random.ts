/** A source of numbers in [0, 1): given by the caller, so that a training can be repeated. */
export type RandomSource = () => number

/** A number of the standard normal distribution (Box-Muller). */
export function randomNormal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A whole number from 0 to `count - 1`. */
export function randomBelow(random: RandomSource, count: number): number {
  return Math.min(count - 1, Math.floor(random() * count))
}

export function randomPick<T>(random: RandomSource, items: readonly T[]): T {
  return items[randomBelow(random, items.length)] as T
}

/** An index, with probabilities in proportion to the weights. */
export function weightedIndex(random: RandomSource, weights: readonly number[]): number {
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return i
  }
  return weights.length - 1
}

/** A small generator (mulberry32): the same seed gives the same numbers everywhere. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
