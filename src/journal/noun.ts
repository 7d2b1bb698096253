import type { DeckEvent, EventType } from './types.ts'
import type { Rows } from './tables/rows.ts'

/**
 * The type of an event's body in a descriptor: `events: { 'toy.made': body<{ id: string }>() }`.
 */
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

/** Changes rows for events, by event type. Folds have no other effects. */
export type Folds = { [T in EventType]?: (event: DeckEvent<T>, rows: Rows) => void }

/** A column that is computed from the row's JSON, to search and sort by. */
export interface Column {
  /** As SQLite's `->>` takes it: `state`, `$.rule.status`. */
  path: string
  type: 'TEXT' | 'INTEGER'
}

/** One noun of the deck: its table, the events that it owns, and how events change its rows. */
interface NounSpec {
  /** The name of the noun and of its table. */
  name: string
  /** False if the noun has no table. */
  table?: false
  columns?: Record<string, Column>
  /** Columns that are searched together. */
  indexes?: readonly (readonly string[])[]
  /**
   * Indexes over the journal for reading this noun's history, by name: the SQL after `ON event`.
   */
  journalIndexes?: Record<string, string>
  events?: Record<string, Body<unknown>>
  folds: Folds
  /**
   * Rows add up many events, so a commit writes each once. SQL over them needs `rows.settle()`
   * first.
   */
  sums?: true
  /**
   * For many rows: they are compared with the journal after the deck answers, and not used before.
   */
  checkedLate?: boolean
  /** What a start omits for this noun if the journal is long. */
  brief?: Brief
  /** Whether a row that differs from the journal permits an agent what the journal does not. */
  grants?: (here: object | undefined, expected: object | undefined) => boolean
  /**
   * Selects rows for new consoles: SQL after `SELECT … FROM <table>`. The selections are
   * concatenated.
   */
  mirror?: readonly string[]
  /**
   * The agent that a row belongs to. Without it rows are the whole deck's, and not mirrored for
   * somebody who may see some agents only.
   */
  agentOf?: (row: never) => string
  /** Reduces an event's body to what screens need. */
  forScreens?: { [T in EventType]?: (body: DeckEvent<T>['body']) => DeckEvent<T>['body'] }
}

/** What a start may omit when folding every event would take too long. */
export type Brief =
  /** The table is not compared at all. */
  | 'unchecked'
  | {
      /** Events to omit, by type: all of them, or those that match SQL over `event`. */
      skip: Partial<Record<EventType, true | string>>
      /** The part of a row that the other events determine. */
      known: (row: Record<string, unknown>) => unknown
    }

/** A noun as it is described in its room. */
export type Noun = Readonly<NounSpec>

/** Describes a noun. Its events, table, folds, rebuild and console mirror are derived from this. */
export function noun<const S extends NounSpec>(spec: S): S {
  return spec
}

/** All nouns together, as the journal uses them. */
export interface Nouns {
  readonly all: readonly Noun[]
  readonly tables: readonly string[]
  /** The tables whose rows add up events. */
  readonly sums: ReadonlySet<string>
  /**
   * Folds one event into the rows of every noun that has a fold for it, in the order of the nouns.
   */
  fold(event: DeckEvent, rows: Rows): void
  /** An event as it is sent to screens. */
  forScreens(event: DeckEvent): DeckEvent
  /** The agent that a row of this noun belongs to; undefined if it is the whole deck's. */
  agentOf(noun: string, row: object): string | undefined
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
  const owners = new Map(all.map(({ name, agentOf }) => [name, agentOf]))
  return {
    all,
    tables: all.filter(({ table }) => table !== false).map(({ name }) => name),
    sums: new Set(all.filter(({ sums }) => sums).map(({ name }) => name)),
    fold(event, rows) {
      for (const fold of listeners.get(event.type) ?? []) fold(event, rows)
    },
    forScreens(event) {
      const trim = trims[event.type] as ((body: unknown) => DeckEvent['body']) | undefined
      return trim === undefined ? event : { ...event, body: trim(event.body) }
    },
    agentOf: (name, row) => owners.get(name)?.(row as never),
  }
}

/** The SQL that creates a noun's table and its indexes. */
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
