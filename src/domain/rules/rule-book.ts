import type { RuleBookView } from '../../clawpolicy/matching/book.ts'
import { IndexedBook } from '../../clawpolicy/matching/indexed-book.ts'
import type { Rule, Status } from '../../clawpolicy/types.ts'
import { toRule } from './stored.ts'
import type { RuleRecord } from './types.ts'

/** The rules that a question is judged by: the present ones, or those of a trial. */
export type RuleLookup = Pick<RuleBook, 'size' | 'get' | 'at'>

/**
 * The rules in memory, indexed so that a question is compared with those that may match it only.
 */
export class RuleBook {
  readonly #index = new IndexedBook()
  readonly #records = new Map<string, RuleRecord>()
  readonly #counts: Record<Status, number> = {
    hint: 0,
    candidate: 0,
    confirmed: 0,
    suspended: 0,
    archived: 0,
  }

  /** Stores the present state of a rule, or removes it. */
  put(id: string, record: RuleRecord | undefined): void {
    const before = this.#records.get(id)
    if (before !== undefined) this.#counts[before.rule.status]--
    if (record === undefined) {
      this.#records.delete(id)
      this.#index.delete(id)
      return
    }
    this.#counts[record.rule.status]++
    this.#records.set(id, record)
    this.#index.put(id, toRule(record))
  }

  get(id: string): RuleRecord | undefined {
    return this.#records.get(id)
  }

  all(): MapIterator<RuleRecord> {
    return this.#records.values()
  }

  get size(): number {
    return this.#records.size
  }

  counts(): Record<Status, number> {
    return { ...this.#counts }
  }

  /** The rules at a time, in Unix milliseconds, without those that have expired by then. */
  at(now: number): RuleBookView {
    const index = this.#index
    const isValid = (id: string) => !hasExpired(this.#records.get(id), now)
    return {
      get: (key) => (isValid(key) ? index.get(key) : undefined),
      candidates: (situation) => index.candidates(situation).filter(({ id }) => isValid(id)),
      comparable: (rule: Rule) => [...index.comparable(rule)].filter(([key]) => isValid(key)),
      archivable: () => index.archivable(),
      position: (key) => index.position(key),
    }
  }

  /** Rules with the same scope, key and triggers, the rule itself included. */
  withSameTriggers(rule: Rule): RuleRecord[] {
    return [...this.#index.comparable(rule)].flatMap(([key]) => this.#records.get(key) ?? [])
  }

  /** Ids of confirmed rules with the same triggers and another decision, at most so many. */
  opposing(rule: Rule, max = Infinity): string[] {
    return this.#index.opposing(rule, max)
  }
}

export function hasExpired(record: RuleRecord | undefined, now: number): boolean {
  return record !== undefined && record.expiresAt !== null && now >= record.expiresAt
}
