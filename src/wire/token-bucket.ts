interface Rate {
  /** Most tokens at once. */
  burst: number
  perSecond: number
}

/** Limits a rate. The bucket starts full and refills over time. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #updatedAt = performance.now()

  constructor(rate: Rate) {
    this.#rate = rate
    this.#tokens = rate.burst
  }

  /**
   * Takes tokens if any are left, even more than there are. Returns 0, or the number of seconds
   * after which there are tokens again.
   */
  take(amount: number): number {
    const now = performance.now()
    const refilled = this.#tokens + ((now - this.#updatedAt) * this.#rate.perSecond) / 1000
    this.#tokens = Math.min(this.#rate.burst, refilled)
    this.#updatedAt = now
    if (this.#tokens <= 0) return Math.max(1, Math.ceil(-this.#tokens / this.#rate.perSecond))
    this.#tokens -= amount
    return 0
  }
}
