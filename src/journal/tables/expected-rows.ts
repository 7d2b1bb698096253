import { isDeepStrictEqual } from 'node:util'
import { openScratch, type Store } from '../../store/open.ts'
import type { Nouns } from '../noun.ts'
import { tableRows, type Rows } from './rows.ts'
import { makeTables } from './tables.ts'

/**
 * The noun rows that the journal implies, kept beside those of the deck: fold events into `rows`,
 * then compare the deck's rows with them.
 */
export interface ExpectedRows {
  rows: Rows
  /** What is wrong with a row of the deck; undefined if it is as expected. */
  difference(table: string, id: string, row: string): string | undefined
  text(table: string, id: string): string | undefined
  ids(table: string): Iterable<string[]>
  close(): void
}

interface Row {
  id: string
  row: string
}

const SLICE = 200
const UNEXPECTED = 'not in the journal'
const DIFFERENT = 'not what the journal says'

/**
 * Keeps expected rows in tables of a scratch database, for any number of rows. `comparable` reduces
 * a row to the part that the folded events determine.
 */
export function expectedInScratch(
  nouns: Nouns,
  comparable: (table: string, row: Record<string, unknown>) => unknown,
): ExpectedRows {
  const scratch = openScratch()
  makeTables(scratch, nouns)
  const getters = new Map<string, (id: string) => string | undefined>()
  const text = (table: string, id: string) => {
    const get = getters.get(table) ?? getterOf(scratch, table)
    getters.set(table, get)
    return get(id)
  }
  scratch.exec('BEGIN')
  return {
    rows: tableRows(scratch, nouns),
    text,
    difference(table, id, row) {
      const expected = text(table, id)
      if (expected === undefined) return UNEXPECTED
      return expected === row ||
        isDeepStrictEqual(comparable(table, parseRow(expected)), comparable(table, parseRow(row)))
        ? undefined
        : DIFFERENT
    },
    *ids(table) {
      for (const slice of rowSlices(table, scratch, SLICE)) yield slice.map(({ id }) => id)
    },
    close() {
      scratch.close()
    },
  }
}

function getterOf(store: Store, table: string): (id: string) => string | undefined {
  const get = store.prepare<[string], string>(`SELECT row FROM ${table} WHERE id = ?`).pluck()
  return (id) => get.get(id)
}

/**
 * Keeps expected rows as objects: several times as fast, for rows that a deck has in memory anyway.
 */
export function expectedInMemory(): ExpectedRows {
  const tables = new Map<string, Map<string, object>>()
  const tableOf = (table: string) =>
    tables.get(table) ?? (tables.set(table, new Map()).get(table) as Map<string, object>)
  return {
    rows: {
      get: <T>(table: string, id: string) => tableOf(table).get(id) as T | undefined,
      put(table, id, row) {
        tableOf(table).set(id, row)
      },
      drop(table, id) {
        tableOf(table).delete(id)
      },
      touched: () => [],
      settle() {
        /* everything is written at once */
      },
      // Nobody watches expected rows.
      watch: () => () => undefined,
      undone() {
        /* there are no transactions here */
      },
    },
    difference(table, id, row) {
      const expected = tableOf(table).get(id)
      if (expected === undefined) return UNEXPECTED
      const actual = parseRow(row)
      return sameJson(expected, actual) ||
        isDeepStrictEqual(JSON.parse(JSON.stringify(expected)), actual)
        ? undefined
        : DIFFERENT
    },
    text(table, id) {
      const row = tableOf(table).get(id)
      return row === undefined ? undefined : JSON.stringify(row)
    },
    *ids(table) {
      const all = [...tableOf(table).keys()]
      for (let i = 0; i < all.length; i += SLICE) yield all.slice(i, i + SLICE)
    },
    close() {
      tables.clear()
    },
  }
}

/** Whether two values read from JSON are equal, in whatever order their keys are. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  let unmatched = Object.keys(b).length
  for (const key of Object.keys(a)) {
    if (
      !Object.hasOwn(b, key) ||
      !sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
    )
      return false
    unmatched--
  }
  return unmatched === 0
}

/** All rows of a table, in slices ordered by id. */
export function* rowSlices(table: string, store: Store, size: number): Generator<Row[]> {
  const after = store.prepare<[string, number], Row>(
    `SELECT id, row FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`,
  )
  for (
    let slice = after.all('', size);
    slice.length > 0;
    slice = after.all(slice.at(-1)?.id ?? '', size)
  )
    yield slice
}

/** A row as an object. Text that is not JSON becomes an object that equals no row of a fold. */
export function parseRow(row: string): Record<string, unknown> {
  try {
    return JSON.parse(row) as Record<string, unknown>
  } catch {
    return { unreadable: row }
  }
}
