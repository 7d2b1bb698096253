/** How long the loop may be held before others go first. */
const TURN_MS = 5

/**
 * Work in small steps: all who have some take turns, and however many they are, the loop is free again after a few
 * milliseconds and one step.
 */
export class Turns {
  #waiting: (() => boolean)[] = []
  #planned = false

  /** `step` does a little and answers whether there is more to do. It is first called when the loop is free. */
  add(step: () => boolean): void {
    this.#waiting.push(step)
    this.#plan()
  }

  #plan(): void {
    if (this.#planned || this.#waiting.length === 0) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      this.#go()
    })
  }

  #go(): void {
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
