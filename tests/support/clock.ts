import type { Clock } from '../../src/base/clock.ts'

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #timers: { at: number; act: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), act }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer)
    }
  }

  /** Moves time on and runs what has come due, in order. */
  advance(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter((t) => t.at <= this.#now).toSorted((a, b) => a.at - b.at)
    this.#timers = this.#timers.filter((t) => t.at > this.#now)
    for (const timer of due) timer.act()
  }

  /** Sets the wall clock without any timer noticing, as an administrator would. */
  jump(ms: number): void {
    this.#now += ms
  }
}
