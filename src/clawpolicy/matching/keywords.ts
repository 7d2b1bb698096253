const GRAM = 3
/** Groups up to this size are not worth the search for a smaller one. */
const FEW = 4

/** Adds to the list of a key, once if it is added twice in a row. */
export function added<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else if (list[list.length - 1] !== item) list.push(item)
}

/** Removes from the list of a key. True if the list is empty then. */
export function removed<T>(lists: Map<string, T[]>, key: string, item: T): boolean {
  const list = lists.get(key)
  if (list === undefined) return false
  without(list, item)
  return list.length === 0 && lists.delete(key)
}

/** Removes an item from a list whose order does not matter. */
export function without<T>(list: T[], item: T): void {
  const at = list.indexOf(item)
  if (at < 0) return
  const last = list.pop() as T
  if (at < list.length) list[at] = last
}

/**
 * Finds which of many words occur in a text, as substrings, without trying each: a word is stored
 * under one of its trigrams, the one with the fewest other words.
 */
export class KeywordIndex<T> {
  /** Words shorter than a trigram, the empty one included. */
  readonly #short = new Map<string, T[]>()
  readonly #runs = new Map<string, Map<string, T[]>>()
  readonly #places = new Map<string, string>()

  add(word: string, item: T): void {
    added(word.length < GRAM ? this.#short : this.#runOf(word), word, item)
  }

  delete(word: string, item: T): void {
    const run = this.#places.get(word)
    const group = run === undefined ? this.#short : this.#runs.get(run)
    if (group === undefined || !removed(group, word, item) || run === undefined) return
    this.#places.delete(word)
    if (group.size === 0) this.#runs.delete(run)
  }

  /** Adds the items of every word within the text to `found`. */
  within(text: string, found: Set<T>): void {
    for (const [word, items] of this.#short)
      if (text.includes(word)) for (const item of items) found.add(item)
    if (this.#runs.size === 0) return
    for (let i = 0; i + GRAM <= text.length; i++) {
      const group = this.#runs.get(text.slice(i, i + GRAM))
      if (group === undefined) continue
      for (const [word, items] of group)
        if (text.includes(word)) for (const item of items) found.add(item)
    }
  }

  #runOf(word: string): Map<string, T[]> {
    const known = this.#places.get(word)
    if (known !== undefined) return this.#runs.get(known) as Map<string, T[]>
    let best = word.slice(0, GRAM)
    for (let i = 1; i + GRAM <= word.length && this.#waiting(best) > FEW; i++) {
      const run = word.slice(i, i + GRAM)
      if (this.#waiting(run) < this.#waiting(best)) best = run
    }
    this.#places.set(word, best)
    const group = this.#runs.get(best) ?? new Map<string, T[]>()
    this.#runs.set(best, group)
    return group
  }

  #waiting(run: string): number {
    return this.#runs.get(run)?.size ?? 0
  }
}
