import type { TaskContext } from './matching.ts'
import type { Rule } from '../types.ts'

/**
 * The stored rules as the engine asks for them. Keys are those of the file, usually the ids of the
 * rules.
 */
export interface RuleBookView {
  get(key: string): Rule | undefined
  /** Rules that may match, in file order: at least those that do. */
  candidates(context: TaskContext): Rule[]
  /** Rules of equal scope, key and triggers, itself included. */
  comparable(rule: Rule): Iterable<[key: string, rule: Rule]>
  /** Suspended rules, in no order: at least those that the archive gate would archive. */
  archivable(): [key: string, rule: Rule][]
  /** The position of a rule in the file; Infinity for a new one. */
  position(key: string): number
}

/** The same for rules that are comparable: those of equal scope, key and triggers. */
export function comparisonKey({
  scope,
  scope_key,
  trigger,
}: Pick<Rule, 'scope' | 'scope_key' | 'trigger'>): string {
  const sorted = trigger.length > 1 ? trigger.toSorted() : trigger
  let key = `${scope}\0${scope_key}`
  for (const text of sorted) key += `\0${text.length}:${text}`
  return key
}

/** The confirmed rules that are comparable to one, without those of its own id. */
interface Rivals {
  /** One of them decides otherwise. */
  conflict: boolean
  /** There is one. */
  superseded: boolean
}

/** Changes over a book, before they are kept. */
export class BookDraft implements RuleBookView {
  readonly changed = new Map<string, Rule>()
  readonly #base: RuleBookView

  constructor(base: RuleBookView) {
    this.#base = base
  }

  get(key: string): Rule | undefined {
    return this.changed.get(key) ?? this.#base.get(key)
  }

  /** Triggers and scope of a known key must stay as they are. */
  put(key: string, rule: Rule): void {
    this.changed.set(key, rule)
  }

  candidates(context: TaskContext): Rule[] {
    return this.#base.candidates(context)
  }

  rivals(rule: Rule): Rivals {
    const confirmed = this.confirmedLike(rule).filter(({ id }) => id !== rule.id)
    return {
      superseded: confirmed.length > 0,
      conflict: confirmed.some((other) => other.policy_decision !== rule.policy_decision),
    }
  }

  /** The confirmed rules that are comparable to one, itself included. */
  confirmedLike(rule: Rule): Rule[] {
    return [...this.comparable(rule)]
      .map(([, other]) => other)
      .filter(({ status }) => status === 'confirmed')
  }

  *comparable(rule: Rule): Iterable<[string, Rule]> {
    for (const [key, other] of this.#base.comparable(rule))
      yield [key, this.changed.get(key) ?? other]
    for (const [key, other] of this.changed)
      if (this.#base.get(key) === undefined && comparisonKey(other) === comparisonKey(rule))
        yield [key, other]
  }

  archivable(): [string, Rule][] {
    const changed = [...this.changed].flatMap(([key, rule]) => [
      key,
      ...[...this.comparable(rule)].map(([other]) => other),
    ])
    const keys = new Set([...this.#base.archivable().map(([key]) => key), ...changed])
    return [...keys]
      .map((key): [string, Rule] => [key, this.get(key) as Rule])
      .filter(([, rule]) => rule.status === 'suspended')
  }

  position(key: string): number {
    return this.#base.position(key)
  }
}
