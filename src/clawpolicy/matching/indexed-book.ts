import type { RuleBookView } from './book.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { KeywordIndex, added, removed } from './keywords.ts'
import { NO_KEYS, lookupKeys, type LookupKeys } from './lookup-keys.ts'
import type { TaskContext } from './matching.ts'
import { RuleGroups, type GroupMember } from './rule-groups.ts'
import type { Rule } from '../types.ts'

interface IndexEntry extends GroupMember {
  readonly position: number
  keys: LookupKeys
}

/** The rules of one scope, by the exact values and by the words that they are looked up by. */
interface ScopeIndex {
  exact: Map<string, IndexEntry[]>
  words: KeywordIndex<IndexEntry>
}

/**
 * Rules indexed so that a task meets only those it could match: by the scope they are bound to and
 * one thing that must hold for them. Changed by `put` and `delete`, whose cost does not depend on
 * how many rules there are.
 */
export class IndexedBook implements RuleBookView {
  readonly #entries = new Map<string, IndexEntry>()
  readonly #scopes = new Map<string, ScopeIndex>()
  readonly #groups = new RuleGroups()
  #positions = 0
  /**
   * How many rules are looked up by a program, by its name: commands are parsed only if there are
   * any.
   */
  readonly #programs = new Map<string, number>()
  readonly #byProgram: boolean

  constructor(
    rules: Iterable<readonly [string, Rule]> = [],
    corrections: Pick<Corrections, 'kinds-of-commands'> = CORRECTED,
  ) {
    this.#byProgram = corrections['kinds-of-commands']
    for (const [key, rule] of rules) this.put(key, rule)
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Rule | undefined {
    return this.#entries.get(key)?.rule
  }

  /** All of them, in file order. */
  rules(): Map<string, Rule> {
    return new Map([...this.#entries.values()].map(({ key, rule }) => [key, rule]))
  }

  /** Stores a rule: a known key keeps its position, a new one comes last. */
  put(key: string, rule: Rule): void {
    const known = this.#entries.get(key)
    if (known === undefined) {
      const group = this.#groups.groupOf(rule)
      const entry = { key, rule, position: this.#positions++, group, keys: NO_KEYS }
      this.#entries.set(key, entry)
      this.#add(entry)
      this.#groups.count(entry, 1)
      return
    }
    const moves = isIndexedDifferently(known.rule, rule)
    this.#groups.count(known, -1)
    if (moves) this.#remove(known)
    known.rule = rule
    if (moves) {
      known.group = this.#groups.groupOf(rule)
      this.#add(known)
    }
    this.#groups.count(known, 1)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#groups.count(entry, -1)
    this.#remove(entry)
    this.#entries.delete(key)
  }

  candidates({ view, scope, domain, commandLine }: TaskContext): Rule[] {
    if (this.#scopes.size === 0) return []
    const exact = [
      `task_type:${view.type}`,
      `command:${view.command}`,
      `task:${view.summary}`,
      ...[...view.files].map((file) => `file:${file}`),
    ]
    if (this.#programs.size > 0)
      for (const program of commandLine.programs((name) => this.#programs.has(name)))
        exact.push(`runs:${program}`)
    const found = new Set<IndexEntry>()
    for (const name of ['*', `project:${scope.scope_key}`, `domain:${domain}`]) {
      const index = this.#scopes.get(name)
      if (index === undefined) continue
      for (const key of exact) for (const entry of index.exact.get(key) ?? []) found.add(entry)
      index.words.within(view.prose, found)
    }
    return [...found].sort((a, b) => a.position - b.position).map(({ rule }) => rule)
  }

  *comparable(rule: Rule): Iterable<[string, Rule]> {
    for (const { key, rule: other } of this.#groups.membersLike(rule)) yield [key, other]
  }

  /** Keys of confirmed, comparable rules that decide otherwise, at most `limit`. */
  opposing(rule: Rule, limit: number): string[] {
    return this.#groups.opposing(rule, limit)
  }

  archivable(): [string, Rule][] {
    return this.#groups.archivable().map(({ key, rule }) => [key, rule])
  }

  position(key: string): number {
    return this.#entries.get(key)?.position ?? Infinity
  }

  #add(entry: IndexEntry): void {
    const { rule } = entry
    this.#groups.join(entry)
    if (rule.status === 'archived') return
    const name = scopeName(rule)
    const index = this.#scopes.get(name) ?? { exact: new Map(), words: new KeywordIndex() }
    this.#scopes.set(name, index)
    const use = (key: string) => index.exact.get(key)?.length ?? 0
    entry.keys = lookupKeys(rule, this.#byProgram, use)
    for (const program of entry.keys.programs) this.#countProgram(program, 1)
    for (const key of entry.keys.exact) added(index.exact, key, entry)
    for (const word of entry.keys.words) index.words.add(word, entry)
  }

  #remove(entry: IndexEntry): void {
    this.#groups.leave(entry)
    const index = this.#scopes.get(scopeName(entry.rule))
    if (index === undefined) return
    const { exact, words, programs } = entry.keys
    entry.keys = NO_KEYS
    for (const program of programs) this.#countProgram(program, -1)
    for (const key of exact) removed(index.exact, key, entry)
    for (const word of words) index.words.delete(word, entry)
  }

  #countProgram(program: string, by: 1 | -1): void {
    const count = (this.#programs.get(program) ?? 0) + by
    if (count > 0) this.#programs.set(program, count)
    else this.#programs.delete(program)
  }
}

function isIndexedDifferently(a: Rule, b: Rule): boolean {
  return (
    !sameTriggers(a, b) ||
    a.scope !== b.scope ||
    a.scope_key !== b.scope_key ||
    (a.status === 'archived') !== (b.status === 'archived')
  )
}

function sameTriggers(a: Rule, b: Rule): boolean {
  return (
    a.trigger === b.trigger ||
    (a.trigger.length === b.trigger.length &&
      a.trigger.every((trigger, i) => trigger === b.trigger[i]))
  )
}

/** The scope that a rule is bound to; `*` for rules that hold everywhere. */
function scopeName({ scope, scope_key }: Rule): string {
  return scope === 'global' || scope_key === '' ? '*' : `${scope}:${scope_key}`
}
