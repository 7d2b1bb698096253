import { byRuleAttention } from '../../domain/rules/row.ts'
import type { RuleBook } from '../../domain/rules/rule-book.ts'
import type { RuleRecord } from '../../domain/rules/types.ts'

/** From so many changes at once on, all are looked at anew: that is then the shorter way. */
const MANY = 50

/**
 * Which of the learned rules a screen mirrors: of those that are not archived, the `most` that need
 * a look most. It follows the rules one by one, so that ten thousand of them cost a change no more
 * than a hundred do.
 */
export class RuleWindow {
  readonly #book: RuleBook
  readonly #most: number
  #shown = new Set<string>()

  constructor(book: RuleBook, most: number) {
    this.#book = book
    this.#most = most
  }

  has(id: string): boolean {
    return this.#shown.has(id)
  }

  ids(): string[] {
    return [...this.#shown]
  }

  /** Looks at all of them anew. Most in need first. */
  reset(): string[] {
    const ids = [...this.#book.all()]
      .filter(isLive)
      .toSorted(byRuleAttention)
      .slice(0, this.#most)
      .map(({ rule }) => rule.id)
    this.#shown = new Set(ids)
    return ids
  }

  /**
   * The rules whose rows have to be told, now that these changed: themselves, those about the same,
   * and who came in or went out with them.
   */
  after(changed: readonly string[], used: readonly string[]): Set<string> {
    const told = new Set<string>()
    const tell = (id: string) => {
      if (this.#shown.has(id)) told.add(id)
    }
    for (const id of used) tell(id)
    if (changed.length > MANY) {
      this.#refill(told)
      for (const id of changed) tell(id)
      return told
    }
    let fell = false
    for (const id of changed) {
      const kept = this.#book.get(id)
      if (kept !== undefined)
        for (const { rule } of this.#book.withSameTriggers(kept.rule)) tell(rule.id)
      fell = this.#place(id, kept, told) || fell
    }
    if (this.#more() && (fell || this.#shown.size < this.#most)) this.#refill(told)
    this.#trim(told)
    return told
  }

  /** Puts one rule where it belongs. True if others may have to come in for it. */
  #place(id: string, kept: RuleRecord | undefined, told: Set<string>): boolean {
    const was = this.#shown.has(id)
    if (kept === undefined || !isLive(kept)) {
      if (was) told.add(id)
      return this.#shown.delete(id)
    }
    const last = this.#last(id)
    const low = last !== undefined && byRuleAttention(kept, last) > 0
    if (!was && low && this.#shown.size >= this.#most) return false
    this.#shown.add(id)
    told.add(id)
    return was && low
  }

  /** Whether there are rules that are not shown. */
  #more(): boolean {
    return this.#book.size - this.#book.counts().archived > this.#shown.size
  }

  #trim(told: Set<string>): void {
    while (this.#shown.size > this.#most) {
      const id = this.#last()?.rule.id ?? ''
      this.#shown.delete(id)
      told.add(id)
    }
  }

  #refill(told: Set<string>): void {
    const before = this.#shown
    const now = new Set(this.reset())
    for (const id of before) if (!now.has(id)) told.add(id)
    for (const id of now) if (!before.has(id)) told.add(id)
  }

  /** The shown one that needs a look least, `but` this one. */
  #last(but = ''): RuleRecord | undefined {
    if (this.#shown.size < this.#most) return undefined
    let last: RuleRecord | undefined
    for (const id of this.#shown) {
      const kept = id === but ? undefined : this.#book.get(id)
      if (kept !== undefined && (last === undefined || byRuleAttention(kept, last) > 0)) last = kept
    }
    return last
  }
}

function isLive({ rule }: RuleRecord): boolean {
  return rule.status !== 'archived'
}
