import type { Clock } from './clock.ts'

/**
 * Tells of what somebody may do any number of times: the first of a kind at once, and those that
 * follow for a while as one.
 */
export class Gathered {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #tell: Tell
  readonly #more = new Map<string, { times: number; about: string }>()

  constructor(clock: Clock, forMs: number, tell: Tell) {
    this.#clock = clock
    this.#forMs = forMs
    this.#tell = tell
  }

  /**
   * Resolves once it is told, or counted. `about`: what it was about, besides its kind; of several
   * it is told if all were about the same.
   */
  async note(kind: string, about = ''): Promise<void> {
    const more = this.#more.get(kind)
    if (more !== undefined) {
      if (more.times > 0 && more.about !== about) more.about = ''
      else more.about = about
      more.times++
      return
    }
    const others = { times: 0, about: '' }
    this.#more.set(kind, others)
    this.#clock.after(this.#forMs, () => {
      this.#more.delete(kind)
      if (others.times > 0) void this.#tell(kind, others.times, others.about)
    })
    await this.#tell(kind, 1, about)
  }
}

/** Must not fail. */
type Tell = (kind: string, times: number, about: string) => Promise<void>
