import type { Store } from '../../store/open.ts'
import { schemaOf, type Noun, type Nouns } from '../noun.ts'

interface Schema {
  name: string
  sql: string
}

/**
 * Creates the tables of all nouns. Returns those that were missing, or were described differently
 * by the version that created them: they are empty now and must be folded from the journal.
 */
export function ensureTables(store: Store, nouns: Nouns): string[] {
  return store
    .transaction(() => tabled(nouns).filter((noun) => ensureTable(store, noun)))()
    .map(({ name }) => name)
}

/** Creates only the tables, in an empty database, to fold into. */
export function makeTables(store: Store, nouns: Nouns): void {
  for (const noun of tabled(nouns)) store.exec(schemaOf(noun).table)
}

function tabled(nouns: Nouns): Noun[] {
  return nouns.all.filter(({ table }) => table !== false)
}

function ensureTable(store: Store, noun: Noun): boolean {
  const { table, indexes } = schemaOf(noun)
  const here = store
    .prepare<[string], string>("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?")
    .pluck()
    .get(noun.name)
  const stale = here === undefined || tidy(here) !== tidy(table)
  if (stale) {
    if (here !== undefined) store.exec(`DROP TABLE ${noun.name}`)
    store.exec(table)
  }
  ensureIndexes(store, noun.name, indexes)
  for (const [name, rest] of Object.entries(noun.journalIndexes ?? {}))
    store.exec(`CREATE INDEX IF NOT EXISTS ${name} ON event ${rest}`)
  return stale
}

function ensureIndexes(store: Store, table: string, wanted: readonly string[]): void {
  const here = store
    .prepare<[string], Schema>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
    )
    .all(table)
  const known = new Set(here.map(({ sql }) => tidy(sql)))
  for (const sql of wanted) if (!known.has(tidy(sql))) store.exec(sql)
  const asked = new Set(wanted.map(tidy))
  for (const { name, sql } of here) if (!asked.has(tidy(sql))) store.exec(`DROP INDEX ${name}`)
}

/** SQL without differences in layout. */
function tidy(sql: string): string {
  return sql.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').trim()
}
