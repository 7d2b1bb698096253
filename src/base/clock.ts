/** The source of time, so that tests can control it. All times are Unix milliseconds. */
export interface Clock {
  now(): number
  /**
   * Runs `act` once, `ms` from now, without keeping the process alive. The returned function
   * cancels it.
   */
  after(ms: number, act: () => void): () => void
}

export const systemClock: Clock = {
  now: Date.now,
  after(ms, act) {
    const timer = setTimeout(act, Math.min(Math.max(ms, 0), 2 ** 31 - 1))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
