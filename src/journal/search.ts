import { breather } from '../base/breath.ts'
import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'

/** Words (all must occur; one that ends in `*` is a beginning), and what else must hold. `since` in Unix ms, `before` a sequence number. */
export interface SearchOptions { text?: string | undefined; agent?: string | undefined; type?: string | undefined; since?: number | undefined; before?: number | undefined; limit: number }

/** Events taken into the text index in one piece, and looked at in one piece where no index knows what is asked for. */
const INDEXED = 100
const LOOKED_AT = 10_000

export interface Search {
  /** Newest first. */
  find(options: SearchOptions): Promise<StoredEvent[]>
  /** Takes up to `limit` events into the text index; answers how many are still outside. Appends need not pay for it. */
  index(limit: number): number
}

export function openSearch(store: Store): Search {
  const cursor = store.prepare<[], { seq: number }>("SELECT seq FROM follower WHERE name = 'search'")
  const advance = store.prepare("INSERT INTO follower (name, seq) VALUES ('search', ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq")
  const take = store.prepare('INSERT INTO event_text (rowid, actor, type, subject, body) SELECT seq, actor, type, subject, body FROM event WHERE seq > ? AND seq <= ?')
  const top = store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event')
  let indexed = cursor.get()?.seq ?? 0

  const index = store.transaction((limit: number): number => {
    const last = top.get()?.seq ?? 0
    const until = Math.min(last, indexed + limit)
    if (until > indexed) { take.run(indexed, until); advance.run(until); indexed = until }
    return last - indexed
  })

  const ask = (options: Window): StoredEvent[] => {
    const { sql, values } = compile(options)
    return store.prepare<unknown[], StoredEvent>(sql).all(...values)
  }

  return {
    index: (limit) => index(limit),
    async find(options) {
      const breathe = breather()
      if (options.text !== undefined) while (index(INDEXED) > 0) await breathe()
      if (options.since === undefined) return ask(options)
      // Nothing is ordered by time, as a clock may jump: it is looked for from the newest event back, piece by piece.
      const found: StoredEvent[] = []
      for (let before = options.before ?? (top.get()?.seq ?? 0) + 1; before > 1 && found.length < options.limit; before -= LOOKED_AT) {
        found.push(...ask({ ...options, before, from: before - LOOKED_AT, limit: options.limit - found.length }))
        await breathe()
      }
      return found
    },
  }
}

/** Only events from this number on. */
interface Window extends SearchOptions { from?: number }

function compile(o: Window): { sql: string; values: unknown[] } {
  const where: string[] = []
  const values: unknown[] = []
  const add = (clause: string, value: unknown) => { where.push(clause); values.push(value) }
  const seq = o.text === undefined ? 'e.seq' : 't.rowid'
  if (o.agent !== undefined) add('e.subject = ?', o.agent)
  if (o.type !== undefined) add('e.type = ?', o.type)
  if (o.since !== undefined) add('e.at >= ?', o.since)
  if (o.before !== undefined) add(`${seq} < ?`, o.before)
  if (o.from !== undefined) add(`${seq} >= ?`, o.from)
  const rest = where.length === 0 ? '' : ` AND ${where.join(' AND ')}`
  if (o.text === undefined) return { sql: `SELECT e.* FROM event e WHERE 1${rest} ORDER BY e.seq DESC LIMIT ?`, values: [...values, o.limit] }
  return {
    sql: `SELECT e.* FROM event_text t JOIN event e ON e.seq = t.rowid WHERE event_text MATCH ?${rest} ORDER BY t.rowid DESC LIMIT ?`,
    values: [matchText(o), ...values, o.limit],
  }
}

/** Words as FTS5 phrases, so that nothing typed is syntax; agent and type narrow the index itself. */
function matchText(o: SearchOptions): string {
  const words = (o.text ?? '').split(/\s+/).filter((w) => /[\p{L}\p{N}]/u.test(w))
  const phrases = words.map((word) => `"${word.replaceAll('"', '""')}"${word.endsWith('*') ? '*' : ''}`)
  if (o.agent !== undefined) phrases.push(`subject : "${o.agent.replaceAll('"', '""')}"`)
  if (o.type !== undefined) phrases.push(`type : "${o.type.replaceAll('"', '""')}"`)
  return phrases.length === 0 ? '""' : phrases.join(' AND ')
}
