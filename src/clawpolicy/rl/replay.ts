import { randomBelow, type RandomSource } from './random.ts'

/** A replay buffer: the oldest steps are overwritten first. */
export interface ReplayBuffer<T> {
  readonly size: number
  add(item: T): void
  /** Random items, with repetition; `place` identifies one for `renew`. */
  sample(count: number, random: RandomSource): { item: T; place: number }[]
  /** Updates the priority of an item from its advantage. */
  renew(place: number, surprise: number): void
}

const REPLAY_CAPACITY = 10_000
/**
 * The exponent of priorities; 0 would be uniform (Schaul et al. 2016, Prioritized Experience
 * Replay).
 */
const ALPHA = 0.6

/** All steps are equally likely. */
export function uniformReplay<T>(capacity = REPLAY_CAPACITY): ReplayBuffer<T> {
  const ring = ringOf<T>(capacity)
  return {
    get size() {
      return ring.items.length
    },
    add: (item) => {
      ring.add(item)
    },
    sample: (count, random) =>
      ring.items.length === 0
        ? []
        : Array.from({ length: count }, () => ring.at(randomBelow(random, ring.items.length))),
    renew() {
      /* nothing is more likely than anything else */
    },
  }
}

/**
 * The probability of a step is its |advantage| to the power of 0.6; new steps have the highest
 * priority so far.
 */
export function prioritisedReplay<T>(capacity = REPLAY_CAPACITY): ReplayBuffer<T> {
  const ring = ringOf<T>(capacity)
  const weights = sumTree(capacity)
  let most = 1
  return {
    get size() {
      return ring.items.length
    },
    add(item) {
      weights.set(ring.add(item), most)
    },
    sample: (count, random) =>
      ring.items.length === 0
        ? []
        : Array.from({ length: count }, () =>
            ring.at(Math.min(weights.find(random() * weights.total()), ring.items.length - 1)),
          ),
    renew(place, surprise) {
      const weight = (Math.abs(surprise) + 1e-6) ** ALPHA
      most = Math.max(most, weight)
      weights.set(place, weight)
    },
  }
}

function ringOf<T>(capacity: number) {
  const items: T[] = []
  let next = 0
  return {
    items,
    add(item: T): number {
      const place = next
      items[place] = item
      next = (next + 1) % capacity
      return place
    },
    at: (place: number) => ({ item: items[place] as T, place }),
  }
}

/** Weights in a sum tree: setting one and finding the index at a sum take logarithmic time. */
function sumTree(capacity: number) {
  const leaves = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)))
  const sums = new Float64Array(2 * leaves)
  return {
    total: () => sums[1] as number,
    set(place: number, weight: number) {
      let node = leaves + place
      sums[node] = weight
      while (node > 1) {
        node >>= 1
        sums[node] = (sums[2 * node] as number) + (sums[2 * node + 1] as number)
      }
    },
    find(sum: number): number {
      let node = 1
      let left = sum
      while (node < leaves) {
        node *= 2
        if (left >= (sums[node] as number)) {
          left -= sums[node] as number
          node++
        }
      }
      return node - leaves
    },
  }
}
