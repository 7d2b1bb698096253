import type { Store } from '../../store/open.ts'

/** The rows of noun tables, as folds read and change them. */
export interface Rows {
  get<T>(table: string, id: string): T | undefined
  put(table: string, id: string, row: object): void
  drop(table: string, id: string): void
  /** Rows changed since the last call, each once. */
  touched(): { table: string; id: string }[]
  /**
   * Calls `take` with each row of a table as it is written, and again after a rollback: for a copy
   * in memory. Returns a function that stops this.
   */
  watch(table: string, take: Take): () => void
  /** To be called after a rollback: watchers get the current rows. */
  undone(): void
}

type Take = (id: string, row: object | undefined) => void

/** Rows of these tables in a database. */
export function tableRows(store: Store, tables: readonly string[]): Rows {
  const statements = new Map(
    tables.map((table) => [
      table,
      {
        get: store.prepare<[string], { row: string }>(`SELECT row FROM ${table} WHERE id = ?`),
        put: store.prepare(
          `INSERT INTO ${table} (id, row) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET row = excluded.row`,
        ),
        drop: store.prepare(`DELETE FROM ${table} WHERE id = ?`),
      },
    ]),
  )
  const of = (table: string) =>
    statements.get(table) as NonNullable<ReturnType<typeof statements.get>>
  let touched = new Map<string, { table: string; id: string }>()
  const watchers = new Map<string, Set<Take>>(tables.map((table) => [table, new Set()]))
  const tell = (table: string, id: string, row: object | undefined) => {
    for (const take of watchers.get(table) ?? []) take(id, row)
  }
  const touch = (table: string, id: string, row: object | undefined) => {
    touched.set(`${table} ${id}`, { table, id })
    tell(table, id, row)
  }
  const rows: Rows = {
    get<T>(table: string, id: string): T | undefined {
      const found = of(table).get.get(id)
      return found === undefined ? undefined : (JSON.parse(found.row) as T)
    },
    put(table, id, row) {
      of(table).put.run(id, JSON.stringify(row))
      touch(table, id, row)
    },
    drop(table, id) {
      of(table).drop.run(id)
      touch(table, id, undefined)
    },
    touched() {
      const all = [...touched.values()]
      touched = new Map()
      return all
    },
    watch(table, take) {
      const all = watchers.get(table)
      all?.add(take)
      return () => void all?.delete(take)
    },
    undone() {
      for (const { table, id } of rows.touched()) tell(table, id, rows.get(table, id))
    },
  }
  return rows
}
