import type { RuleBookView } from '../../clawpolicy/book.ts'
import { IndexedBook } from '../../clawpolicy/indexed-book.ts'
import type { Rule, Status } from '../../clawpolicy/types.ts'
import { ruleOf } from './stored.ts'
import type { RuleRecord } from './types.ts'

/** What a question is judged by: the rules, or the rules as they would be. */
export type Rulings = Pick<RuleBook, 'size' | 'get' | 'at'>

/** The rules in memory, as the table holds them: looked up by what a question could meet, whatever their number. */
export class RuleBook {
  readonly #index = new IndexedBook()
  readonly #kept = new Map<string, RuleRecord>()
  readonly #counts: Record<Status, number> = {
    hint: 0,
    candidate: 0,
    confirmed: 0,
    suspended: 0,
    archived: 0,
  }

  /** Takes a row as it is now; without one the rule is gone. */
  take(id: string, row: RuleRecord | undefined): void {
    const before = this.#kept.get(id)
    if (before !== undefined) this.#counts[before.rule.status]--
    if (row === undefined) {
      this.#kept.delete(id)
      this.#index.delete(id)
      return
    }
    this.#counts[row.rule.status]++
    this.#kept.set(id, row)
    this.#index.put(id, ruleOf(row))
  }

  get(id: string): RuleRecord | undefined {
    return this.#kept.get(id)
  }

  all(): MapIterator<RuleRecord> {
    return this.#kept.values()
  }

  get size(): number {
    return this.#kept.size
  }

  counts(): Record<Status, number> {
    return { ...this.#counts }
  }

  /** What holds at a moment, in Unix milliseconds: what has expired by then says nothing, whether or not that is written down yet. */
  at(now: number): RuleBookView {
    const index = this.#index
    const holds = (id: string) => !isOver(this.#kept.get(id), now)
    return {
      get: (key) => (holds(key) ? index.get(key) : undefined),
      candidates: (situation) => index.candidates(situation).filter(({ id }) => holds(id)),
      comparable: (rule: Rule) => [...index.comparable(rule)].filter(([key]) => holds(key)),
      archivable: () => index.archivable(),
      position: (key) => index.position(key),
    }
  }

  /** Rules of equal scope, key and triggers, itself included. */
  alike(rule: Rule): RuleRecord[] {
    return [...this.#index.comparable(rule)].flatMap(([key]) => this.#kept.get(key) ?? [])
  }

  /** Ids of confirmed rules about the same that decide otherwise, at most so many. */
  rivals(rule: Rule, most: number): string[] {
    return this.#index.opposing(rule, most)
  }
}

export function isOver(kept: RuleRecord | undefined, now: number): boolean {
  return kept !== undefined && kept.expiresAt !== null && now >= kept.expiresAt
}
