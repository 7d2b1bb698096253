import { randomBelow, type RandomSource } from './random.ts'

/** Steps that are remembered, the oldest forgotten first; `add` and `renew` tell how much there is to learn from one. */
export interface ReplayBuffer<T> {
  readonly size: number
  add(item: T): void
  /** Items by chance, some perhaps twice; each with the place by which it is renewed. */
  sample(count: number, random: RandomSource): { item: T; place: number }[]
  /** A new surprise for an item: how wrong the judgement of it was. */
  renew(place: number, surprise: number): void
}

export const REPLAY_CAPACITY = 10_000
/** How much more often a surprising step is replayed: 0 would be not at all. */
const ALPHA = 0.6

/** Every step is as likely as every other. */
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

/** A step is as likely as its surprise to the power of 0.6; a new one as likely as the most surprising so far. */
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

/** Weights by place, so that one can be set, and the place at a sum found, in logarithmic time. */
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
