const GRAM = 3

/**
 * Finds which of many words occur in a text, as substrings, without trying each: a word waits under one run of three
 * characters of its own, the one that the fewest others wait under.
 */
export class KeywordIndex<T> {
  /** Words shorter than a run, the empty one among them. */
  readonly #short = new Map<string, Set<T>>()
  readonly #runs = new Map<string, Map<string, Set<T>>>()
  readonly #places = new Map<string, string>()

  add(word: string, item: T): void {
    const group = word.length < GRAM ? this.#short : this.#runOf(word)
    const items = group.get(word)
    if (items === undefined) group.set(word, new Set([item]))
    else items.add(item)
  }

  delete(word: string, item: T): void {
    const run = this.#places.get(word)
    const group = run === undefined ? this.#short : this.#runs.get(run)
    const items = group?.get(word)
    if (items?.delete(item) !== true || items.size > 0) return
    group?.delete(word)
    if (run === undefined) return
    this.#places.delete(word)
    if (group?.size === 0) this.#runs.delete(run)
  }

  /** Adds to `found` the items of every word within the text. */
  within(text: string, found: Set<T>): void {
    for (const [word, items] of this.#short) if (text.includes(word)) for (const item of items) found.add(item)
    if (this.#runs.size === 0) return
    for (let i = 0; i + GRAM <= text.length; i++) {
      const group = this.#runs.get(text.slice(i, i + GRAM))
      if (group === undefined) continue
      for (const [word, items] of group) if (text.includes(word)) for (const item of items) found.add(item)
    }
  }

  #runOf(word: string): Map<string, Set<T>> {
    const known = this.#places.get(word)
    if (known !== undefined) return this.#runs.get(known) as Map<string, Set<T>>
    let best = word.slice(0, GRAM)
    for (let i = 1; i + GRAM <= word.length && this.#waiting(best) > 0; i++) {
      const run = word.slice(i, i + GRAM)
      if (this.#waiting(run) < this.#waiting(best)) best = run
    }
    this.#places.set(word, best)
    const group = this.#runs.get(best) ?? new Map<string, Set<T>>()
    this.#runs.set(best, group)
    return group
  }

  #waiting(run: string): number { return this.#runs.get(run)?.size ?? 0 }
}
