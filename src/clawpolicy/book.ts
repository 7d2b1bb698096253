import { KeywordIndex, added, removed, without } from './keywords.ts'
import { archival } from './lifecycle.ts'
import { splitTrigger, type TaskContext, type TriggerKind } from './scope.ts'
import { programOf, programsIn } from '../command-analysis/structure.ts'
import { normalizeText } from './text.ts'
import type { Rule } from './types.ts'

/** The stored rules as the engine asks for them. Keys are those of the file, and mostly the rules' ids. */
export interface RuleBookView {
  get(key: string): Rule | undefined
  /** Rules that may match, in file order: never fewer than those that do. */
  candidates(situation: TaskContext): Rule[]
  /** Rules of equal scope, key and triggers, itself included. */
  alike(rule: Rule): Iterable<[key: string, rule: Rule]>
  /** Suspended rules, in no order: never fewer than those that the archive gate would let go. */
  leaving(): [key: string, rule: Rule][]
  /** Where a rule stands in the file; past all others if it is new. */
  place(key: string): number
}

/** Every rule is a candidate: what an index is compared with. */
export function scanned(rules: ReadonlyMap<string, Rule>): RuleBookView {
  return {
    get: (key) => rules.get(key),
    candidates: () => [...rules.values()],
    alike: (rule) => [...rules].filter(([, other]) => likeness(other) === likeness(rule)),
    leaving: () => [...rules].filter(([, rule]) => rule.status === 'suspended'),
    place: (key) => (rules.has(key) ? [...rules.keys()].indexOf(key) : Infinity),
  }
}

/** Of a rule's triggers that must all hold, the one that the fewest tasks will meet is looked up. */
const RAREST_FIRST: TriggerKind[] = ['command', 'task', 'file', 'keyword', 'task_type']

interface Entry {
  key: string
  rule: Rule
  place: number
  group: Group
  hooks: Hooks
}

/** Rules that are alike, those of them that are confirmed by what they decide, and how many are confirmed and suspended. */
interface Group {
  entries: Entry[]
  decided: Map<string, Set<string>>
  confirmed: number
  suspended: number
}

/** What a rule waits for: one of these must hold, or it cannot match. `programs` are those among them. */
interface Hooks {
  exact: string[]
  words: string[]
  programs: string[]
}

const NOTHING: Hooks = { exact: [], words: [], programs: [] }

/** Within one scope: who waits for which exact value, and for which words. */
interface Shelf {
  exact: Map<string, Entry[]>
  words: KeywordIndex<Entry>
}

/**
 * Rules kept so that a task meets only those it could match: by the scope they are bound to and one thing that must hold for
 * them. Changed by `put`, which costs the same however many there are.
 */
export class IndexedBook implements RuleBookView {
  readonly #entries = new Map<string, Entry>()
  readonly #shelves = new Map<string, Shelf>()
  readonly #groups = new Map<string, Group>()
  /** Groups in which a confirmed rule may supersede a suspended one. */
  readonly #mixed = new Set<Group>()
  /** Suspended rules with enough against them. */
  readonly #doomed = new Set<Entry>()
  #places = 0
  /** How many rules wait for a program, by its name: commands are taken apart only if there are any. */
  readonly #programs = new Map<string, number>()
  readonly #byKind: boolean

  /** With `kinds`, triggers of kinds of commands are known, and rules wait for their programs. */
  constructor(rules: Iterable<readonly [string, Rule]> = [], kinds = false) {
    this.#byKind = kinds
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

  /** Stores a rule: a known key keeps its place, a new one comes last. */
  put(key: string, rule: Rule): void {
    const before = this.#entries.get(key)
    if (before === undefined) {
      const entry = { key, rule, place: this.#places++, group: this.#groupOf(rule), hooks: NOTHING }
      this.#entries.set(key, entry)
      this.#file(entry)
      this.#counted(entry, 1)
      return
    }
    const old = before.rule
    const moves =
      !sameTriggers(old, rule) ||
      old.scope !== rule.scope ||
      old.scope_key !== rule.scope_key ||
      (old.status === 'archived') !== (rule.status === 'archived')
    this.#counted(before, -1)
    if (moves) this.#unfile(before)
    before.rule = rule
    if (moves) {
      before.group = this.#groupOf(rule)
      this.#file(before)
    }
    this.#counted(before, 1)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#counted(entry, -1)
    this.#unfile(entry)
    this.#entries.delete(key)
  }

  candidates({ seen, scope, domain }: TaskContext): Rule[] {
    if (this.#shelves.size === 0) return []
    const found = new Set<Entry>()
    const exact = [
      `task_type:${seen.type}`,
      `command:${seen.command}`,
      `task:${seen.summary}`,
      ...[...seen.files].map((file) => `file:${file}`),
    ]
    if (this.#programs.size > 0)
      for (const program of programsIn(seen.structure(), (name) => this.#programs.has(name)))
        exact.push(`runs:${program}`)
    for (const name of ['*', `project:${scope.scope_key}`, `domain:${domain}`]) {
      const shelf = this.#shelves.get(name)
      if (shelf === undefined) continue
      for (const key of exact) for (const entry of shelf.exact.get(key) ?? []) found.add(entry)
      shelf.words.within(seen.prose, found)
    }
    return [...found].sort((a, b) => a.place - b.place).map(({ rule }) => rule)
  }

  *alike(rule: Rule): Iterable<[string, Rule]> {
    for (const { key, rule: other } of this.#groups.get(likeness(rule))?.entries ?? [])
      yield [key, other]
  }

  /** Keys of confirmed rules that are alike and decide otherwise, at most so many. */
  opposing(rule: Rule, most: number): string[] {
    const found: string[] = []
    for (const [decision, keys] of this.#groups.get(likeness(rule))?.decided ?? []) {
      if (decision !== rule.policy_decision)
        for (const key of keys) if (key !== rule.id && found.push(key) >= most) return found
    }
    return found
  }

  leaving(): [string, Rule][] {
    const superseded = [...this.#mixed].flatMap(({ entries }) => entries)
    return [...new Set([...this.#doomed, ...superseded])]
      .filter(({ rule }) => rule.status === 'suspended')
      .map(({ key, rule }) => [key, rule])
  }

  place(key: string): number {
    return this.#entries.get(key)?.place ?? Infinity
  }

  #groupOf(rule: Rule): Group {
    const name = likeness(rule)
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const group: Group = { entries: [], decided: new Map(), confirmed: 0, suspended: 0 }
    this.#groups.set(name, group)
    return group
  }

  /** Enters a rule's state into the sums of its group, or takes it out again. */
  #counted(entry: Entry, by: 1 | -1): void {
    const { group, rule } = entry
    if (rule.status === 'confirmed') {
      group.confirmed += by
      const keys = group.decided.get(rule.policy_decision) ?? new Set()
      group.decided.set(rule.policy_decision, keys)
      if (by === 1) keys.add(entry.key)
      else keys.delete(entry.key)
    }
    if (rule.status === 'suspended') group.suspended += by
    if (group.confirmed > 0 && group.suspended > 0) this.#mixed.add(group)
    else this.#mixed.delete(group)
    if (by === 1 && rule.status === 'suspended' && archival(rule, false) !== undefined)
      this.#doomed.add(entry)
    else this.#doomed.delete(entry)
  }

  #file(entry: Entry): void {
    const { rule } = entry
    entry.group.entries.push(entry)
    if (rule.status === 'archived') return
    const name = shelfOf(rule)
    const shelf = this.#shelves.get(name) ?? { exact: new Map(), words: new KeywordIndex<Entry>() }
    this.#shelves.set(name, shelf)
    entry.hooks = hooks(rule, this.#byKind, (hook) => shelf.exact.get(hook)?.length ?? 0)
    const { exact, words, programs } = entry.hooks
    for (const program of programs)
      this.#programs.set(program, (this.#programs.get(program) ?? 0) + 1)
    for (const key of exact) added(shelf.exact, key, entry)
    for (const word of words) shelf.words.add(word, entry)
  }

  #unfile(entry: Entry): void {
    const { rule, group } = entry
    without(group.entries, entry)
    if (group.entries.length === 0) this.#groups.delete(likeness(rule))
    const shelf = this.#shelves.get(shelfOf(rule))
    if (shelf === undefined) return
    const { exact, words, programs } = entry.hooks
    entry.hooks = NOTHING
    for (const program of programs) {
      const left = (this.#programs.get(program) ?? 0) - 1
      if (left > 0) this.#programs.set(program, left)
      else this.#programs.delete(program)
    }
    for (const key of exact) removed(shelf.exact, key, entry)
    for (const word of words) shelf.words.delete(word, entry)
  }
}

function sameTriggers(a: Rule, b: Rule): boolean {
  return (
    a.trigger === b.trigger ||
    (a.trigger.length === b.trigger.length &&
      a.trigger.every((trigger, i) => trigger === b.trigger[i]))
  )
}

/** The scope that a rule is bound to; `*` for rules that hold in any. */
function shelfOf({ scope, scope_key }: Rule): string {
  return scope === 'global' || scope_key === '' ? '*' : `${scope}:${scope_key}`
}

/** The same for rules of equal scope, key and triggers. */
export function likeness({
  scope,
  scope_key,
  trigger,
}: Pick<Rule, 'scope' | 'scope_key' | 'trigger'>): string {
  const sorted = trigger.length > 1 ? trigger.toSorted() : trigger
  let name = `${scope}\0${scope_key}`
  for (const text of sorted) name += `\0${text.length}:${text}`
  return name
}

/** `waiting` says how many wait for an exact value already: where any of several would do, a rule waits for the one with the fewest. */
function hooks(rule: Rule, byKind: boolean, waiting: (hook: string) => number): Hooks {
  const triggers = rule.trigger.map(splitTrigger).filter((trigger) => trigger !== undefined)
  const structured = triggers.filter(({ kind }) => kind !== 'runs')
  const values = triggers.filter(({ kind }) => kind === 'runs').map(({ value }) => value)
  const runs = values.map((value) => fewest(programHooks(value), waiting))
  const programs = values.map(programNamed)
  if (byKind && runs.length > 0 && structured.every(({ kind }) => kind === 'task_type'))
    return { exact: [fewest(runs, waiting)], words: [], programs }
  if (structured.length === 0) {
    // Whether `runs` is known is for the engine to say: such a rule waits for either reading of it.
    return {
      exact: [...rule.trigger.map((trigger) => `task_type:${trigger}`), ...runs],
      words: rule.trigger.map(normalizeText),
      programs,
    }
  }
  const kind = RAREST_FIRST.find((name) =>
    structured.some((trigger) => trigger.kind === name),
  ) as TriggerKind
  const wanted = structured
    .filter((trigger) => trigger.kind === kind)
    .map(({ value }) => (kind === 'task_type' ? value : normalizeText(value)))
  const longest = wanted.reduce((best, value) => (value.length > best.length ? value : best))
  return kind === 'keyword'
    ? { ...NOTHING, words: [longest] }
    : { ...NOTHING, exact: [`${kind}:${longest}`] }
}

/** A program with each of the words that must follow it, as `programsIn` lists them; all of them must be found. */
function programHooks(value: string): string[] {
  const [, ...words] = value.split(' ')
  const name = `runs:${programNamed(value)}`
  return words.length === 0 ? [name] : words.map((word) => `${name} ${word}`)
}

function programNamed(value: string): string {
  return programOf(value.split(' ', 1)[0] as string)
}

function fewest(hooked: readonly string[], waiting: (hook: string) => number): string {
  return hooked.reduce((best, hook) => (waiting(hook) < waiting(best) ? hook : best))
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

  /** Triggers and scope of a known key stay as they are. */
  put(key: string, rule: Rule): void {
    this.changed.set(key, rule)
  }

  candidates(situation: TaskContext): Rule[] {
    return this.#base.candidates(situation)
  }

  /** Whether a rule's like, other than itself, is confirmed, and whether one decides otherwise. */
  rivals(key: string, rule: Rule): { conflict: boolean; superseded: boolean } {
    const confirmed = [...this.alike(rule)].filter(
      ([other, { status }]) => other !== key && status === 'confirmed',
    )
    return {
      superseded: confirmed.length > 0,
      conflict: confirmed.some(([, other]) => other.policy_decision !== rule.policy_decision),
    }
  }

  *alike(rule: Rule): Iterable<[string, Rule]> {
    for (const [key, other] of this.#base.alike(rule)) yield [key, this.changed.get(key) ?? other]
    for (const [key, other] of this.changed)
      if (this.#base.get(key) === undefined && likeness(other) === likeness(rule))
        yield [key, other]
  }

  leaving(): [string, Rule][] {
    const changed = [...this.changed].flatMap(([key, rule]) => [
      key,
      ...[...this.alike(rule)].map(([other]) => other),
    ])
    const keys = new Set([...this.#base.leaving().map(([key]) => key), ...changed])
    return [...keys]
      .map((key): [string, Rule] => [key, this.get(key) as Rule])
      .filter(([, rule]) => rule.status === 'suspended')
  }

  place(key: string): number {
    return this.#base.place(key)
  }
}
