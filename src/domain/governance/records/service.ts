import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { Statements } from '../../../store/statements.ts'
import { recordId } from './noun.ts'
import { selectionOf } from './selection.ts'
import { sumsId, sumsWithin, type GroupSums, type Sums } from './sums.ts'
import type { RecordData, RecordQuery, RecordRow } from './types.ts'

/** Groups that are read at once, unless more are asked for. */
const MOST_GROUPS = 1000

interface RecordParts {
  journal: Journal
  store: Store
  clock: Clock
}

/** Who writes records, and in which organisation. */
export interface RecordAuthor {
  org: string
  /** As events name them. */
  actor: string
  /** The agent, as the deck names it, that the records belong to; '' for none. */
  subject: string
}

/** What is read and written of records within one transaction. */
export interface RecordChanges {
  /** A number that no record has: the next event's. */
  readonly serial: number
  /** Now, as records show it. */
  readonly now: string
  get<T = RecordData>(kind: string, key: string): T | undefined
  find<T = RecordData>(kind: string, query: RecordQuery): T[]
  /** Writes a new record. */
  make(kind: string, key: string, data: object): void
  /** Changes fields of a record. */
  change(kind: string, key: string, change: object): void
  remove(kind: string, key: string): void
}

/** Reads and writes records of the governance API. */
export class RecordStore {
  readonly #parts: RecordParts
  readonly #statements: Statements

  constructor(parts: RecordParts) {
    this.#parts = parts
    this.#statements = new Statements(parts.store)
  }

  /** The fields of a record; undefined if there is none. */
  get<T = RecordData>(org: string, kind: string, key: string): T | undefined {
    const id = recordId({ org, kind, key })
    return this.#parts.journal.rows.get<RecordRow>('record', id)?.data as T | undefined
  }

  /** The fields of records, the newest first unless the query says otherwise. */
  find<T = RecordData>(org: string, kind: string, query: RecordQuery): T[] {
    const { where, order, values } = selectionOf(org, kind, query)
    const page = `record WHERE ${where} ORDER BY ${order} LIMIT @limit OFFSET @offset`
    // No index has the oldest of every rank in order: one is sorted, and only then rows are read.
    const rows = query.oldest
      ? `record WHERE rowid IN (SELECT rowid FROM ${page}) ORDER BY ${order}`
      : page
    return this.#statements
      .values<string>(`SELECT row ->> '$.data' FROM ${rows}`)
      .all(values)
      .map((data) => JSON.parse(data) as T)
  }

  /** How many records a query finds, whatever its limit. */
  count(org: string, kind: string, query: Omit<RecordQuery, 'limit'> = {}): number {
    const { where, values } = selectionOf(org, kind, { ...query, limit: 0 })
    return (
      this.#statements.values<number>(`SELECT count(*) FROM record WHERE ${where}`).get(values) ?? 0
    )
  }

  /** Agents with at least so many records that were made at a time or later. */
  often(
    org: string,
    kind: string,
    { from, atLeast }: { from: number; atLeast: number },
  ): { agent_id: string; count: number }[] {
    const { where, values } = selectionOf(org, kind, { from, limit: 0 })
    return this.#statements
      .rows<{ agent_id: string; count: number }>(
        `SELECT agent AS agent_id, count(*) AS count FROM record WHERE ${where}
          GROUP BY agent HAVING count(*) >= @atLeast`,
      )
      .all({ ...values, atLeast })
  }

  /** A page of records, and how many there are in all. */
  page<T = RecordData>(
    org: string,
    kind: string,
    query: RecordQuery,
  ): { rows: T[]; total: number } {
    return { rows: this.find<T>(org, kind, query), total: this.count(org, kind, query) }
  }

  /** What records of a group add up to: `sums(org, 'feedback', ['agent', 'scout'])`. */
  sums(org: string, kind: string, of: readonly string[]): Sums {
    return this.#parts.journal.rows.get<GroupSums>('record_sums', sumsId(org, kind, of))?.sums ?? {}
  }

  /**
   * What records add up to in each group that begins with these parts, by the next part; of those
   * from `from` on.
   */
  sumsOf(
    org: string,
    kind: string,
    of: readonly string[],
    { from, limit = MOST_GROUPS }: { from?: string | undefined; limit?: number } = {},
  ): GroupSums[] {
    const [first, last] = sumsWithin(org, kind, of)
    const start = from === undefined ? first : `${first}${JSON.stringify(from)}`
    this.#parts.journal.rows.settle()
    return this.#statements
      .values<string>(
        'SELECT row FROM record_sums WHERE id >= @start AND id < @last ORDER BY id LIMIT @limit',
      )
      .all({ start, last, limit })
      .map((row) => JSON.parse(row) as GroupSums)
  }

  /**
   * Writes what `decide` wants, all of it or nothing. It runs within the transaction, so what it
   * reads is as things are; what it throws rejects only this.
   */
  async write<T>(author: RecordAuthor, decide: (changes: RecordChanges) => T): Promise<T> {
    const { journal } = this.#parts
    let answer: { of: T } | undefined
    await journal.append((next) => {
      const changes = this.changes(author, next)
      answer = { of: decide(changes) }
      return changes.drafts
    })
    return (answer as { of: T }).of
  }

  /** Collects changes, for a transaction of somebody else. */
  changes(author: RecordAuthor, next: number): RecordChanges & { drafts: Draft[] } {
    const { org, actor, subject } = author
    const drafts: Draft[] = []
    const written = new Map<string, RecordData | undefined>()
    const read = (kind: string, key: string) => {
      const id = recordId({ org, kind, key })
      return written.has(id) ? written.get(id) : this.get(org, kind, key)
    }
    return {
      drafts,
      get serial() {
        return next + drafts.length
      },
      now: new Date(this.#parts.clock.now()).toISOString(),
      get: <D>(kind: string, key: string) => read(kind, key) as D | undefined,
      find: <D>(kind: string, query: RecordQuery) => this.find<D>(org, kind, query),
      make(kind, key, data) {
        const body = { org, kind, key, data: data as RecordData }
        written.set(recordId(body), body.data)
        drafts.push({ type: 'record.made', actor, subject, body })
      },
      change(kind, key, change) {
        const body = { org, kind, key, change: change as RecordData }
        written.set(recordId(body), { ...read(kind, key), ...body.change })
        drafts.push({ type: 'record.changed', actor, subject, body })
      },
      remove(kind, key) {
        const body = { org, kind, key }
        written.set(recordId(body), undefined)
        drafts.push({ type: 'record.removed', actor, subject, body })
      },
    }
  }
}
