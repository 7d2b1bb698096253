import type { Clock } from '../../base/clock.ts'

/** Those who wait for the decision of an approval, by its id. */
export class Waiters {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `wake` is called for this id, after `waitMs`, or when the signal is aborted. */
  wait(id: string, waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      const done = () => {
        cancel()
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
        resolve()
      }
      const cancel = this.#clock.after(waitMs, done)
      this.#waiting.set(id, waiting.add(done))
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }

  wake(id: string): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting !== undefined) for (const done of waiting) done()
  }

  wakeAll(): void {
    for (const id of this.#waiting.keys()) this.wake(id)
  }
}
