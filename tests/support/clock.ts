import type { MachineClock } from '../../src/base/clock.ts'

/** Time that moves only when a test says so. */
export class ManualClock implements MachineClock {
  #elapsed = 0
  /** What the wall clock shows at the start, and after it was set. */
  #wall = Date.UTC(2026, 0, 1)
  #timers: { at: number; act: () => void }[] = []

  now(): number {
    return this.#wall + this.#elapsed
  }

  elapsed(): number {
    return this.#elapsed
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), act }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer)
    }
  }

  /** Moves time on and runs what has come due, in order. */
  advance(ms: number): void {
    this.#elapsed += ms
    const due = this.#timers.filter((t) => t.at <= this.#elapsed).toSorted((a, b) => a.at - b.at)
    this.#timers = this.#timers.filter((t) => t.at > this.#elapsed)
    for (const timer of due) timer.act()
  }

  /** Sets the wall clock without any timer noticing, as an administrator would. */
  jump(ms: number): void {
    this.#wall += ms
  }
}
