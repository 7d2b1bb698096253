import type { Clock } from '../../base/clock.ts'

const MINUTE_MS = 60_000
/** Callers that are known at a time. */
const MOST_CALLERS = 10_000

/** Counts the requests of each caller within a minute. */
export class RateLimits {
  readonly #clock: Clock
  readonly #most: number
  #since: number
  readonly #counts = new Map<string, number>()

  /** `most` 0 for no limit. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock
    this.#most = most
    this.#since = clock.now()
  }

  /** Counts a request. Answers the seconds to wait, 0 if it may go on. */
  take(caller: string): number {
    if (this.#most === 0) return 0
    const now = this.#clock.now()
    if (now - this.#since >= MINUTE_MS || now < this.#since) {
      this.#since = now
      this.#counts.clear()
    }
    const count = (this.#counts.get(caller) ?? 0) + 1
    if (count > this.#most || (count === 1 && this.#counts.size >= MOST_CALLERS))
      return Math.max(1, Math.ceil((MINUTE_MS - (now - this.#since)) / 1000))
    this.#counts.set(caller, count)
    return 0
  }
}
