import type { Statement } from 'better-sqlite3'
import type { Store } from '../../store/open.ts'

/** The rows of noun tables, as folds read and change them. */
export interface Rows {
  get<T>(table: string, id: string): T | undefined
  put(table: string, id: string, row: object): void
  drop(table: string, id: string): void
  /**
   * Writes rows of sums, which are kept until the end of a transaction. To be called there, and
   * before SQL over such a table.
   */
  settle(): void
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

interface Changed {
  table: string
  id: string
  row: object | undefined
}

interface Tables {
  tables: readonly string[]
  /** Those whose rows add up events. */
  sums: ReadonlySet<string>
}

interface TableStatements {
  get: Statement<[string], { row: string }>
  put: Statement<[string, string]>
  drop: Statement<[string]>
}

function statementsOf(store: Store, table: string): TableStatements {
  return {
    get: store.prepare(`SELECT row FROM ${table} WHERE id = ?`),
    put: store.prepare(
      `INSERT INTO ${table} (id, row) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET row = excluded.row`,
    ),
    drop: store.prepare(`DELETE FROM ${table} WHERE id = ?`),
  }
}

/** Rows of these tables in a database. */
export function tableRows(store: Store, tables: Tables): Rows {
  return new TableRows(store, tables)
}

class TableRows implements Rows {
  readonly #statements: Map<string, TableStatements>
  readonly #sums: ReadonlySet<string>
  readonly #watchers: Map<string, Set<Take>>
  /** Rows of sums that are not written yet: many events of a transaction change the same. */
  readonly #unsettled = new Map<string, Changed>()
  #touched = new Map<string, Changed>()

  constructor(store: Store, { tables, sums }: Tables) {
    this.#statements = new Map(tables.map((table) => [table, statementsOf(store, table)]))
    this.#sums = sums
    this.#watchers = new Map(tables.map((table) => [table, new Set()]))
  }

  get<T>(table: string, id: string): T | undefined {
    const kept = this.#sums.has(table) ? this.#unsettled.get(`${table} ${id}`) : undefined
    if (kept !== undefined) return kept.row as T | undefined
    const found = this.#of(table).get.get(id)
    return found === undefined ? undefined : (JSON.parse(found.row) as T)
  }

  put(table: string, id: string, row: object): void {
    this.#change({ table, id, row })
  }

  drop(table: string, id: string): void {
    this.#change({ table, id, row: undefined })
  }

  settle(): void {
    for (const changed of this.#unsettled.values()) this.#write(changed)
    this.#unsettled.clear()
  }

  touched(): { table: string; id: string }[] {
    this.settle()
    const all = [...this.#touched.values()].map(({ table, id }) => ({ table, id }))
    this.#touched = new Map()
    return all
  }

  watch(table: string, take: Take): () => void {
    const all = this.#watchers.get(table)
    all?.add(take)
    return () => void all?.delete(take)
  }

  undone(): void {
    this.#unsettled.clear()
    for (const { table, id } of this.touched()) this.#tell({ table, id, row: this.get(table, id) })
  }

  #of(table: string): TableStatements {
    return this.#statements.get(table) as TableStatements
  }

  #change(changed: Changed): void {
    const { table, id } = changed
    const name = `${table} ${id}`
    if (this.#sums.has(table)) this.#unsettled.set(name, changed)
    else this.#write(changed)
    this.#touched.set(name, changed)
    this.#tell(changed)
  }

  #write({ table, id, row }: Changed): void {
    const { put, drop } = this.#of(table)
    if (row === undefined) drop.run(id)
    else put.run(id, JSON.stringify(row))
  }

  #tell({ table, id, row }: Changed): void {
    for (const take of this.#watchers.get(table) ?? []) take(id, row)
  }
}
