import { canonical } from '../../../base/canonical.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { trimmed, unixLines } from '../../../clawpolicy/markdown/scan.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import type { RuleBook } from '../rule-book.ts'
import { toRule } from '../stored.ts'
import type { RuleRecord, StoredPlaybook, StoredRule } from '../types.ts'

/** What the deck holds, as far as files are compared with it. */
export interface ExistingState {
  rule(id: string): RuleRecord | undefined
  playbook(id: string): StoredPlaybook | undefined
  /** Whether a rule with one of these summaries gives this advice. */
  hasAdvice(advice: string, summaries: readonly string[]): boolean
  /** Ids of confirmed rules about the same that decide otherwise. */
  rivals(stored: StoredRule): string[]
  isAgent(name: string): boolean
}

/**
 * Reads the state of the deck and remembers each answer, so that the same question has one answer.
 * Comparing a long file takes many turns of the event loop, and the deck may change meanwhile: the
 * result may be used only in a turn in which `isCurrent()` is true.
 */
export class ExistingStateReader implements ExistingState {
  readonly #book: RuleBook
  readonly #rows: Pick<Rows, 'get'>
  readonly #answers = new Map<string, { answer: unknown; isCurrent: () => boolean }>()

  constructor(book: RuleBook, rows: Pick<Rows, 'get'>) {
    this.#book = book
    this.#rows = rows
  }

  rule(id: string): RuleRecord | undefined {
    const find = () => this.#book.get(id)
    // No two changes of a rule have the same event number.
    return this.#ask(`rule ${id}`, find, (kept) => kept?.seq)
  }

  playbook(id: string): StoredPlaybook | undefined {
    const find = () => this.#rows.get<StoredPlaybook>('playbook', id)
    return this.#ask(`playbook ${id}`, find, (stored) => canonical(stored ?? null))
  }

  hasAdvice(advice: string, summaries: readonly string[]): boolean {
    const find = () =>
      [...this.#book.all()].some(({ rule }) => givesAdvice(rule, advice, summaries))
    return this.#ask(canonical(['advice', advice, summaries]), find)
  }

  rivals(stored: StoredRule): string[] {
    const find = () => this.#book.opposing(toRule(stored))
    return this.#ask(`rivals ${stored.rule.id}`, find, (ids) => ids.join(' '))
  }

  isAgent(name: string): boolean {
    return this.#ask(`agent ${name}`, () => this.#rows.get('agent', name) !== undefined)
  }

  /** Whether every question would be answered the same now. */
  isCurrent(): boolean {
    return [...this.#answers.values()].every(({ isCurrent }) => isCurrent())
  }

  /** `versionOf` makes a value of an answer that `===` compares. */
  #ask<T>(
    question: string,
    find: () => T,
    versionOf: (answer: T) => unknown = (answer) => answer,
  ): T {
    const known = this.#answers.get(question)
    if (known !== undefined) return known.answer as T
    const answer = find()
    const version = versionOf(answer)
    this.#answers.set(question, { answer, isCurrent: () => versionOf(find()) === version })
    return answer
  }
}

/** Whether a rule with one of these summaries gives this advice. */
export function givesAdvice(
  { strategy, summary }: Pick<Rule, 'strategy' | 'summary'>,
  advice: string,
  summaries: readonly string[],
): boolean {
  return (
    strategy !== '' &&
    trimmed(unixLines(strategy)) === advice &&
    summaries.includes(normalizeText(summary))
  )
}
