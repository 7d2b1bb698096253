/** How long jobs may run before the event loop is given back, in ms. */
const TURN_MS = 5

/**
 * Round-robin over work that is done in small steps. However many jobs there are, the event loop is
 * free again after `TURN_MS` and one step.
 */
export class RoundRobin {
  #waiting: (() => boolean)[] = []
  #planned = false

  /**
   * `step` does a little work and returns whether there is more. The first call is never immediate.
   */
  add(step: () => boolean): void {
    this.#waiting.push(step)
    this.#plan()
  }

  #plan(): void {
    if (this.#planned || this.#waiting.length === 0) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      this.#run()
    })
  }

  #run(): void {
    const end = performance.now() + TURN_MS
    try {
      for (let step = this.#waiting.shift(); step !== undefined; step = this.#waiting.shift()) {
        if (step()) this.#waiting.push(step)
        if (performance.now() > end) break
      }
    } finally {
      this.#plan()
    }
  }
}
