import type { Statement } from 'better-sqlite3'
import type { Store } from './open.ts'

export type BoundValues = Readonly<Record<string, string | number>>

/** Statements that are kept ready. */
const MOST = 200

/** Statements of SQL that is put together as it is needed, each prepared once. */
export class Statements {
  readonly #store: Store
  readonly #prepared = new Map<string, Statement<[BoundValues], unknown>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** A statement that answers rows. */
  rows<T>(sql: string): Statement<[BoundValues], T> {
    return this.#kept(`row ${sql}`, () => this.#store.prepare<[BoundValues], unknown>(sql))
  }

  /** A statement that answers one value of each row. */
  values<T>(sql: string): Statement<[BoundValues], T> {
    return this.#kept(`value ${sql}`, () =>
      this.#store.prepare<[BoundValues], unknown>(sql).pluck(),
    )
  }

  #kept<T>(
    name: string,
    prepare: () => Statement<[BoundValues], unknown>,
  ): Statement<[BoundValues], T> {
    let statement = this.#prepared.get(name)
    if (statement === undefined) {
      statement = prepare()
      const [oldest] = this.#prepared.keys()
      if (oldest !== undefined && this.#prepared.size >= MOST) this.#prepared.delete(oldest)
      this.#prepared.set(name, statement)
    }
    return statement as Statement<[BoundValues], T>
  }
}
