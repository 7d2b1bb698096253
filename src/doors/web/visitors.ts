import { TokenBucket } from '../../wire/token-bucket.ts'

/** Every wrong token is an event of its own. */
export const PRESENT_RATE = { burst: 10, perSecond: 0.5 }
/** Many phones may come back at once from one address. */
export const SESSION_RATE = { burst: 200, perSecond: 20 }
/** More addresses are remembered for nobody: the oldest goes. */
const MAX_ADDRESSES = 1000

/** Limits how often those who are not known yet may try something, by their addresses. */
export class Visitors {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #rate: typeof SESSION_RATE

  constructor(rate: typeof SESSION_RATE) {
    this.#rate = rate
  }

  /** 0, or the seconds to wait. */
  mayTry(address: string): number {
    const [oldest] = this.#buckets.keys()
    const bucket = this.#buckets.get(address) ?? new TokenBucket(this.#rate)
    if (!this.#buckets.has(address) && this.#buckets.size >= MAX_ADDRESSES && oldest !== undefined)
      this.#buckets.delete(oldest)
    this.#buckets.set(address, bucket)
    return bucket.take(1)
  }
}
