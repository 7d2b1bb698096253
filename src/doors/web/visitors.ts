import { TokenBucket } from '../guard/token-bucket.ts'

/** Pairing takes about six requests. */
const RATE = { burst: 20, perSecond: 1 }
/** More addresses are remembered for nobody: the oldest goes. */
const MAX_ADDRESSES = 1000

/** Limits how often those who are not known yet may try something, by their addresses. */
export class Visitors {
  readonly #buckets = new Map<string, TokenBucket>()

  /** 0, or the seconds to wait. */
  mayTry(address: string): number {
    const [oldest] = this.#buckets.keys()
    const bucket = this.#buckets.get(address) ?? new TokenBucket(RATE)
    if (!this.#buckets.has(address) && this.#buckets.size >= MAX_ADDRESSES && oldest !== undefined)
      this.#buckets.delete(oldest)
    this.#buckets.set(address, bucket)
    return bucket.take(1)
  }
}
