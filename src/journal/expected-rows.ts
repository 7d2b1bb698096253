import { isDeepStrictEqual } from 'node:util'
import { openScratch, type Store } from '../store/open.ts'
import type { Nouns } from './noun.ts'
import { rowsOf, type Rows } from './rows.ts'
import { makeTables } from './tables.ts'

/** Noun rows as the journal tells them, beside those of the deck: fold into `rows`, then hold the deck's rows against it. */
export interface Told {
  rows: Rows
  /** What is wrong with a row of the deck; undefined if it is as the journal tells it. */
  against(table: string, id: string, row: string): string | undefined
  text(table: string, id: string): string | undefined
  ids(table: string): Iterable<string[]>
  close(): void
}

interface Row {
  id: string
  row: string
}

const SLICE = 200
const UNKNOWN = 'the journal knows none'
const OTHER = 'not what the journal says'

/** In tables of their own, however many rows it is. `known` is what of a row the journal can tell. */
export function toldInScratch(
  nouns: Nouns,
  known: (table: string, row: Record<string, unknown>) => unknown,
): Told {
  const scratch = openScratch()
  makeTables(scratch, nouns)
  const gets = new Map<string, (id: string) => string | undefined>()
  const text = (table: string, id: string) => {
    const get = gets.get(table) ?? getter(scratch, table)
    gets.set(table, get)
    return get(id)
  }
  scratch.exec('BEGIN')
  return {
    rows: rowsOf(scratch, nouns.tables),
    text,
    against(table, id, row) {
      const want = text(table, id)
      if (want === undefined) return UNKNOWN
      return want === row ||
        isDeepStrictEqual(known(table, parsed(want)), known(table, parsed(row)))
        ? undefined
        : OTHER
    },
    *ids(table) {
      for (const slice of rowSlices(table, scratch, SLICE)) yield slice.map(({ id }) => id)
    },
    close() {
      scratch.close()
    },
  }
}

function getter(store: Store, table: string): (id: string) => string | undefined {
  const get = store.prepare<[string], string>(`SELECT row FROM ${table} WHERE id = ?`).pluck()
  return (id) => get.get(id)
}

/** As objects: several times as fast, for rows that a deck keeps in memory anyway. */
export function toldInMemory(): Told {
  const tables = new Map<string, Map<string, object>>()
  const of = (table: string) =>
    tables.get(table) ?? (tables.set(table, new Map()).get(table) as Map<string, object>)
  return {
    rows: {
      get: <T>(table: string, id: string) => of(table).get(id) as T | undefined,
      put(table, id, row) {
        of(table).set(id, row)
      },
      drop(table, id) {
        of(table).delete(id)
      },
      touched: () => [],
      watch() {
        /* nobody does */
      },
      undone() {
        /* nothing is */
      },
    },
    against(table, id, row) {
      const want = of(table).get(id)
      if (want === undefined) return UNKNOWN
      const here = parsed(row)
      return alike(want, here) || isDeepStrictEqual(JSON.parse(JSON.stringify(want)), here)
        ? undefined
        : OTHER
    },
    text(table, id) {
      const row = of(table).get(id)
      return row === undefined ? undefined : JSON.stringify(row)
    },
    *ids(table) {
      const all = [...of(table).keys()]
      for (let i = 0; i < all.length; i += SLICE) yield all.slice(i, i + SLICE)
    },
    close() {
      tables.clear()
    },
  }
}

/** Whether two values read from JSON are the same, whatever order their keys are in. */
function alike(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  let left = Object.keys(b).length
  for (const key of Object.keys(a)) {
    if (
      !Object.hasOwn(b, key) ||
      !alike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
    )
      return false
    left--
  }
  return left === 0
}

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

/** A row as an object; what someone made unreadable is like no row that a fold wrote. */
export function parsed(row: string): Record<string, unknown> {
  try {
    return JSON.parse(row) as Record<string, unknown>
  } catch {
    return { unreadable: row }
  }
}
