import type { DeckEvent, EventType } from './types.ts'
import type { Rows } from './rows.ts'

/** Marks the body of an event in a descriptor: `events: { 'toy.made': body<{ id: string }>() }`. */
export interface Body<T> {
  readonly shape?: T
}
export function body<T>(): Body<T> {
  return {}
}

/** What a noun's events add to `EventBodies`. */
export type BodiesOf<E extends Record<string, Body<unknown>>> = {
  [T in keyof E]: E[T] extends Body<infer B> ? B : never
}

/** Changes rows for events, by their type. Pure but for the rows. */
export type Folds = { [T in EventType]?: (event: DeckEvent<T>, rows: Rows) => void }

/** A column that is computed from the row's JSON, to search and sort by. */
export interface Column {
  /** As SQLite's `->>` takes it: `state`, `$.rule.status`. */
  path: string
  type: 'TEXT' | 'INTEGER'
}

/** One noun of the deck: its table, the events that it owns, and how any event changes its rows. */
export interface NounSpec {
  /** Of the noun and of its table. */
  name: string
  /** False for one that has no table: its rows come from elsewhere. */
  table?: false
  columns?: Record<string, Column>
  /** Columns that are searched together. */
  indexes?: readonly (readonly string[])[]
  /** Indexes over the journal that reading this noun's history needs, by name: what follows `ON event`. */
  journalIndexes?: Record<string, string>
  events?: Record<string, Body<unknown>>
  folds: Folds
  /** Rows that are many and are compared with the journal only after the deck answers. Nobody may use them before. */
  checkedLate?: boolean
  /** Of a long journal, what a start does not fold for this noun. */
  brief?: Brief
  /** Whether a row that differs from the journal allows an agent what the journal does not. */
  grants?: (here: object | undefined, expected: object | undefined) => boolean
  /** Which rows a console that connects is given: SQL behind `SELECT … FROM <table>`, each in its own order. */
  mirror?: readonly string[]
  /** What of an event's body is too much for screens, and is left out for them. */
  forScreens?: { [T in EventType]?: (body: DeckEvent<T>['body']) => DeckEvent<T>['body'] }
}

/** What a start may leave out where folding every event would take longer than an operator waits. */
export type Brief =
  /** The table is not compared at all. */
  | 'unchecked'
  | {
      /** Events that are left out, by type: all of them, or those that this SQL over `event` is true for. */
      skip: Partial<Record<EventType, true | string>>
      /** What of a row is known without them. */
      known: (row: Record<string, unknown>) => unknown
    }

/** A noun as it is described in its room. */
export type Noun = Readonly<NounSpec>

/** Describes a noun. The catalogue of events, its table, folds, rebuilding, and what consoles mirror follow from it. */
export function noun<const S extends NounSpec>(spec: S): S {
  return spec
}

/** All nouns together, as the journal uses them. */
export interface Nouns {
  readonly all: readonly Noun[]
  readonly tables: readonly string[]
  /** Folds one event into the rows of every noun that listens to it, in the order of the nouns. */
  fold(event: DeckEvent, rows: Rows): void
  /** An event as screens are sent it. */
  forScreens(event: DeckEvent): DeckEvent
}

type AnyFold = (event: DeckEvent, rows: Rows) => void

export function nounsOf(all: readonly Noun[]): Nouns {
  const listeners = new Map<string, AnyFold[]>()
  for (const { folds } of all)
    for (const [type, fold] of Object.entries(folds))
      listeners.set(type, [...(listeners.get(type) ?? []), fold as AnyFold])
  const trims: NonNullable<NounSpec['forScreens']> = Object.assign(
    {},
    ...all.map(({ forScreens }) => forScreens),
  )
  return {
    all,
    tables: all.filter(({ table }) => table !== false).map(({ name }) => name),
    fold(event, rows) {
      for (const fold of listeners.get(event.type) ?? []) fold(event, rows)
    },
    forScreens(event) {
      const trim = trims[event.type] as ((body: unknown) => DeckEvent['body']) | undefined
      return trim === undefined ? event : { ...event, body: trim(event.body) }
    },
  }
}

/** The SQL that makes a noun's table and its indexes. */
export function schemaOf({ name, columns = {}, indexes = [] }: Noun): {
  table: string
  indexes: string[]
} {
  const computed = Object.entries(columns).map(
    ([column, { path, type }]) => `, ${column} ${type} NOT NULL AS (row ->> '${path}')`,
  )
  const options = computed.length === 0 ? 'STRICT, WITHOUT ROWID' : 'STRICT'
  return {
    table: `CREATE TABLE ${name} (id TEXT PRIMARY KEY, row TEXT NOT NULL${computed.join('')}) ${options}`,
    indexes: indexes.map(
      (of) => `CREATE INDEX ${name}_by_${of.join('_and_')} ON ${name} (${of.join(', ')})`,
    ),
  }
}
