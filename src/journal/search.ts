import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'

/** Words (all must occur; one that ends in `*` is a beginning), and what else must hold. `since` in Unix ms, `before` a sequence number. */
export interface SearchOptions { text?: string | undefined; agent?: string | undefined; type?: string | undefined; since?: number | undefined; before?: number | undefined; limit: number }

export interface Search {
  /** Newest first. */
  find(options: SearchOptions): StoredEvent[]
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

  return {
    index: (limit) => index(limit),
    find(options) {
      if (options.text !== undefined) while (index(5000) > 0) { /* until every event can be found */ }
      const { sql, values } = compile(options)
      return store.prepare<unknown[], StoredEvent>(sql).all(...values)
    },
  }
}

function compile(o: SearchOptions): { sql: string; values: unknown[] } {
  const where: string[] = []
  const values: unknown[] = []
  const add = (clause: string, value: unknown) => { where.push(clause); values.push(value) }
  const seq = o.text === undefined ? 'e.seq' : 't.rowid'
  if (o.agent !== undefined) add('e.subject = ?', o.agent)
  if (o.type !== undefined) add('e.type = ?', o.type)
  if (o.since !== undefined) add('e.at >= ?', o.since)
  if (o.before !== undefined) add(`${seq} < ?`, o.before)
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
