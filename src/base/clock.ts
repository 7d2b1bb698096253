/** The source of time, so that tests can control it. All times are Unix milliseconds. */
export interface Clock {
  now(): number
  /**
   * Runs `act` once, `ms` from now, without keeping the process alive. The returned function
   * cancels it.
   */
  after(ms: number, act: () => void): () => void
}

/** A machine's clocks: the wall clock, which may be set, and one that only counts. */
export interface MachineClock extends Clock {
  /** Milliseconds since some moment, whatever happens to the wall clock. */
  elapsed(): number
}

export const systemClock: MachineClock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(Math.max(ms, 0), 2 ** 31 - 1))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A wall clock that is behind by less than this was hardly set: time services correct so much. */
export const CLOCK_TOLERANCE_MS = 60_000

/** How fast time passes while the wall clock is behind, so that the two agree again some day. */
const PACE_WHILE_BEHIND = 0.9

/**
 * Time that never goes back, so that what has ended stays ended. It follows the wall clock. When
 * that is set back, it goes on from the latest time that it showed or was given, a little slower.
 */
export class MonotonicClock implements Clock {
  readonly #machine: MachineClock
  #time = 0
  #readAt: number

  constructor(machine: MachineClock) {
    this.#machine = machine
    this.#readAt = machine.elapsed()
  }

  /** Works without its object, as that of a plain clock does. */
  readonly now = (): number => Math.floor(this.#read())

  after(ms: number, act: () => void): () => void {
    return this.#machine.after(ms, act)
  }

  /** From now on it is not earlier than this: something was written down then. */
  startFrom(time: number): void {
    this.#time = Math.max(this.#read(), time)
  }

  /** How many milliseconds the wall clock is behind; 0 normally. */
  behind(): number {
    return Math.max(0, this.now() - this.#machine.now())
  }

  #read(): number {
    const elapsed = this.#machine.elapsed()
    const continued = this.#time + Math.max(0, elapsed - this.#readAt) * PACE_WHILE_BEHIND
    this.#readAt = elapsed
    return (this.#time = Math.max(this.#machine.now(), continued))
  }
}
