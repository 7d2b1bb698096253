/** So much at once, and so much a second in the long run. */
export interface Rate {
  burst: number
  perSecond: number
}

/** A purse that fills with time: what is taken is not there for a while. */
export class Allowance {
  readonly #rate: Rate
  #left: number
  #at = performance.now()

  constructor(rate: Rate) {
    this.#rate = rate
    this.#left = rate.burst
  }

  /** Takes `amount` as long as anything is left; else answers how many seconds until there is. */
  take(amount: number): number {
    const now = performance.now()
    this.#left = Math.min(
      this.#rate.burst,
      this.#left + ((now - this.#at) * this.#rate.perSecond) / 1000,
    )
    this.#at = now
    if (this.#left <= 0) return Math.max(1, Math.ceil(-this.#left / this.#rate.perSecond))
    this.#left -= amount
    return 0
  }
}
