/** Numbers as small integers: a number is `(value - zero) * scale`. */
export interface QuantizedValues {
  values: Int8Array | Int16Array
  scale: number
  zero: number
}

/** Affine quantization to 8 or 16 bits. The error is at most half of `scale`. */
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

/** A cache that drops the least recently used entry first. */
export interface LruCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  clear(): void
  readonly size: number
}

const CACHED = 10_000
const BATCH = 32

export function lruCache<V>(capacity = CACHED): LruCache<V> {
  const entries = new Map<string, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      const oldest = entries.keys().next()
      if (entries.size > capacity && oldest.done !== true) entries.delete(oldest.value)
    },
    clear: () => {
      entries.clear()
    },
    get size() {
      return entries.size
    },
  }
}

export interface BatchOptions {
  batch?: number
  cache?: number | false
}

/** A batch function that is called with single inputs; `forget` clears its cache. */
export interface BatchedFunction<A, B> {
  (input: A): Promise<B>
  forget(): void
}

/**
 * Answers from the cache first; calls of the same turn form one batch, equal inputs only once. The
 * key of an input is its JSON. An error rejects every call of its batch.
 */
export function batched<A, B>(
  answerAll: (inputs: readonly A[]) => readonly B[],
  { batch = BATCH, cache: kept = CACHED }: BatchOptions = {},
): BatchedFunction<A, B> {
  const cache = kept === false ? undefined : lruCache<{ answer: B }>(kept)
  let waiting = new Map<string, { input: A; pending: PromiseWithResolvers<B> }>()
  const flush = () => {
    const asked = waiting
    if (asked.size === 0) return
    waiting = new Map()
    try {
      const answers = answerAll([...asked.values()].map(({ input }) => input))
      for (const [i, [key, { pending }]] of [...asked].entries()) {
        const answer = answers[i] as B
        cache?.set(key, { answer })
        pending.resolve(answer)
      }
    } catch (thrown) {
      for (const { pending } of asked.values()) pending.reject(thrown)
    }
  }
  const ask = (input: A): Promise<B> => {
    const key = JSON.stringify(input)
    const known = cache?.get(key)
    if (known !== undefined) return Promise.resolve(known.answer)
    const same = waiting.get(key)
    if (same !== undefined) return same.pending.promise
    const pending = Promise.withResolvers<B>()
    waiting.set(key, { input, pending })
    if (waiting.size === 1) queueMicrotask(flush)
    if (waiting.size >= batch) flush()
    return pending.promise
  }
  return Object.assign(ask, {
    forget: () => {
      cache?.clear()
    },
  })
}

/** Returns the function as it is: JavaScript engines compile hot functions themselves. */
export function compiled<T>(run: T): T {
  return run
}
