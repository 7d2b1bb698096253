/**
 * Runs what is given for a key one after another, different keys side by side, at most `width` at
 * once.
 */
export class SerialByKey {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  readonly #width: number
  #running = 0

  constructor(width: number) {
    this.#width = width
  }

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const mine = before.then(() => this.#slot(work))
    const tail = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    return mine
  }

  /** Resolves when nothing runs or waits any more. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }

  async #slot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width)
      await new Promise<void>((go) => {
        this.#waiting.push(go)
      })
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
