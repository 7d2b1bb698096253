/** Numbers as small integers: each is `(value - zero) * scale`. */
export interface QuantizedValues {
  values: Int8Array | Int16Array
  scale: number
  zero: number
}

/** Fits numbers into 8 or 16 bits each, evenly from the least to the greatest; off by at most half a `scale`. */
export function quantize(numbers: readonly number[], bits: 8 | 16 = 8): QuantizedValues {
  const [low, high] = numbers.reduce(
    ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
    [0, 0],
  )
  const [bottom, top] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  const scale = (high - low) / (top - bottom) || 1
  const zero = Math.round(bottom - low / scale)
  const small = numbers.map((x) => Math.min(top, Math.max(bottom, Math.round(x / scale) + zero)))
  return { values: bits === 8 ? Int8Array.from(small) : Int16Array.from(small), scale, zero }
}

export function dequantize({ values, scale, zero }: QuantizedValues): number[] {
  return Array.from(values, (value) => (value - zero) * scale)
}

/** The latest answers by key; the one unused for longest is forgotten first. */
export interface LruCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  clear(): void
  readonly size: number
}

const CACHED = 10_000
const BATCH = 32

export function lruCache<V>(capacity = CACHED): LruCache<V> {
  const held = new Map<string, V>()
  return {
    get(key) {
      const value = held.get(key)
      if (value === undefined) return undefined
      held.delete(key)
      held.set(key, value)
      return value
    },
    set(key, value) {
      held.delete(key)
      held.set(key, value)
      const oldest = held.keys().next()
      if (held.size > capacity && oldest.done !== true) held.delete(oldest.value)
    },
    clear: () => {
      held.clear()
    },
    get size() {
      return held.size
    },
  }
}

export interface BatchOptions {
  batch?: number
  cache?: number | false
}

/** A function of many inputs at once, asked one by one; `forget` when its answers have changed. */
export interface BatchedFunction<A, B> {
  (input: A): Promise<B>
  forget(): void
}

/**
 * Answers from the cache first; questions that come together are answered together, the same one once. The key of an input
 * is its JSON. An error goes to everyone who asked in its batch.
 */
export function batched<A, B>(
  answerAll: (inputs: readonly A[]) => readonly B[],
  { batch = BATCH, cache: kept = CACHED }: BatchOptions = {},
): BatchedFunction<A, B> {
  const cache = kept === false ? undefined : lruCache<{ answer: B }>(kept)
  let waiting = new Map<string, { input: A; tell: PromiseWithResolvers<B> }>()
  const flush = () => {
    const asked = waiting
    if (asked.size === 0) return
    waiting = new Map()
    try {
      const answers = answerAll([...asked.values()].map(({ input }) => input))
      for (const [i, [key, { tell }]] of [...asked].entries()) {
        const answer = answers[i] as B
        cache?.set(key, { answer })
        tell.resolve(answer)
      }
    } catch (thrown) {
      for (const { tell } of asked.values()) tell.reject(thrown)
    }
  }
  const ask = (input: A): Promise<B> => {
    const key = JSON.stringify(input)
    const known = cache?.get(key)
    if (known !== undefined) return Promise.resolve(known.answer)
    const same = waiting.get(key)
    if (same !== undefined) return same.tell.promise
    const tell = Promise.withResolvers<B>()
    waiting.set(key, { input, tell })
    if (waiting.size === 1) queueMicrotask(flush)
    if (waiting.size >= batch) flush()
    return tell.promise
  }
  return Object.assign(ask, {
    forget: () => {
      cache?.clear()
    },
  })
}

/** The engine compiles by itself; a function stays as it is. */
export function compiled<T>(run: T): T {
  return run
}
