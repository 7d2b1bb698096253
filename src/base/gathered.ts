import type { Clock } from './clock.ts'

/**
 * Tells of what somebody may do any number of times: the first of a kind at once, and those that
 * follow for a while as one.
 */
export class Gathered {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #tell: (kind: string, times: number) => Promise<void>
  readonly #more = new Map<string, number>()

  constructor(clock: Clock, forMs: number, tell: (kind: string, times: number) => Promise<void>) {
    this.#clock = clock
    this.#forMs = forMs
    this.#tell = tell
  }

  /** Resolves once it is told, or counted. */
  async note(kind: string): Promise<void> {
    const more = this.#more.get(kind)
    if (more !== undefined) {
      this.#more.set(kind, more + 1)
      return
    }
    this.#more.set(kind, 0)
    this.#clock.after(this.#forMs, () => {
      const times = this.#more.get(kind) ?? 0
      this.#more.delete(kind)
      if (times > 0) void this.#tell(kind, times)
    })
    await this.#tell(kind, 1)
  }
}
