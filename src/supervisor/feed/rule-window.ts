import { byRuleAttention } from '../../domain/rules/row.ts'
import type { RuleBook } from '../../domain/rules/rule-book.ts'
import type { RuleRecord } from '../../domain/rules/types.ts'

/** With more changes at once than this, choosing among all rules again is faster. */
const MANY = 50

/**
 * Which of the learned rules consoles mirror: of those that are not archived, the `most` that come
 * first in the order of attention. It is kept rule by rule, so that a change costs the same with
 * ten thousand rules as with a hundred.
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

  /** Chooses among all rules again. Those that need attention most come first. */
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
   * The rules whose rows consoles have to be sent after a change: the changed ones, those with the
   * same triggers, and those that entered or left the window.
   */
  after(changed: readonly string[], used: readonly string[]): Set<string> {
    const toSend = new Set<string>()
    const send = (id: string) => {
      if (this.#shown.has(id)) toSend.add(id)
    }
    for (const id of used) send(id)
    if (changed.length > MANY) {
      this.#refill(toSend)
      for (const id of changed) send(id)
      return toSend
    }
    let fell = false
    for (const id of changed) {
      const kept = this.#book.get(id)
      if (kept !== undefined)
        for (const { rule } of this.#book.withSameTriggers(kept.rule)) send(rule.id)
      fell = this.#place(id, kept, toSend) || fell
    }
    if (this.#more() && (fell || this.#shown.size < this.#most)) this.#refill(toSend)
    this.#trim(toSend)
    return toSend
  }

  /** Adds, moves or removes one rule. True if another may have to take its place. */
  #place(id: string, kept: RuleRecord | undefined, toSend: Set<string>): boolean {
    const was = this.#shown.has(id)
    if (kept === undefined || !isLive(kept)) {
      if (was) toSend.add(id)
      return this.#shown.delete(id)
    }
    const last = this.#last(id)
    const low = last !== undefined && byRuleAttention(kept, last) > 0
    if (!was && low && this.#shown.size >= this.#most) return false
    this.#shown.add(id)
    toSend.add(id)
    return was && low
  }

  /** Whether there are rules that are not shown. */
  #more(): boolean {
    return this.#book.size - this.#book.counts().archived > this.#shown.size
  }

  #trim(toSend: Set<string>): void {
    while (this.#shown.size > this.#most) {
      const id = this.#last()?.rule.id ?? ''
      this.#shown.delete(id)
      toSend.add(id)
    }
  }

  #refill(toSend: Set<string>): void {
    const before = this.#shown
    const now = new Set(this.reset())
    for (const id of before) if (!now.has(id)) toSend.add(id)
    for (const id of now) if (!before.has(id)) toSend.add(id)
  }

  /** The last rule of a full window, apart from `but`. */
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
