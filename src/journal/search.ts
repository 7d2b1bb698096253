import { yielder } from '../base/yield.ts'
import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'

/** Words (all must occur; one that ends in `*` is a beginning), and what else must hold. `since` in Unix ms, `before` a sequence number. */
export interface SearchOptions {
  text?: string | undefined
  agent?: string | undefined
  type?: string | undefined
  since?: number | undefined
  before?: number | undefined
  limit: number
}

/** Looked at in one piece where no index knows what is asked for. */
const LOOKED_AT = 10_000
/** The most that the text index is asked for at once. */
const LARGEST_PAGE = 1000

/** Events that hold what is asked for, newest first, without regard to words. */
export async function findEvents(store: Store, options: SearchOptions): Promise<StoredEvent[]> {
  const ask = (window: Window): StoredEvent[] => {
    const { sql, values } = compile(window)
    return store.prepare<unknown[], StoredEvent>(sql).all(...values)
  }
  if (options.since === undefined) return ask(options)
  // Nothing is ordered by time, as a clock may jump: it is looked for from the newest event back, piece by piece.
  const yieldIfBusy = yielder()
  const found: StoredEvent[] = []
  const top =
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  for (
    let before = options.before ?? top + 1;
    before > 1 && found.length < options.limit;
    before -= LOOKED_AT
  ) {
    found.push(
      ...ask({ ...options, before, from: before - LOOKED_AT, limit: options.limit - found.length }),
    )
    await yieldIfBusy()
  }
  return found
}

/** Only events from this number on. */
interface Window extends SearchOptions {
  from?: number
}

function compile(o: Window): { sql: string; values: unknown[] } {
  const where = ['1']
  const values: unknown[] = []
  const add = (clause: string, value: unknown) => {
    where.push(clause)
    values.push(value)
  }
  if (o.agent !== undefined) add('subject = ?', o.agent)
  if (o.type !== undefined) add('type = ?', o.type)
  if (o.since !== undefined) add('at >= ?', o.since)
  if (o.before !== undefined) add('seq < ?', o.before)
  if (o.from !== undefined) add('seq >= ?', o.from)
  return {
    sql: `SELECT * FROM event WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
    values: [...values, o.limit],
  }
}

/** What knows in which events words occur: numbers of events below `before`, newest first. */
export interface Words {
  matching(match: string, before: number, limit: number): number[]
}

/** Events that hold the words and whatever else is asked for, newest first. */
export async function findWords(
  words: Words,
  one: (seq: number) => StoredEvent | undefined,
  options: SearchOptions,
): Promise<StoredEvent[]> {
  const match = matchText(options)
  const yieldIfBusy = yielder()
  const found: StoredEvent[] = []
  let before = options.before ?? Number.MAX_SAFE_INTEGER
  for (let page = options.limit; ; page = Math.min(2 * page, LARGEST_PAGE)) {
    const seqs = words.matching(match, before, page)
    for (const seq of seqs) {
      const event = one(seq)
      if (event !== undefined && fits(event, options)) found.push(event)
      if (found.length === options.limit) return found
    }
    if (seqs.length < page) return found
    before = seqs.at(-1) ?? 0
    await yieldIfBusy()
  }
}

function fits(event: StoredEvent, { agent, type, since }: SearchOptions): boolean {
  return (
    (agent === undefined || event.subject === agent) &&
    (type === undefined || event.type === type) &&
    (since === undefined || event.at >= since)
  )
}

/** Words as FTS5 phrases, so that nothing typed is syntax; agent and type narrow the index itself. */
function matchText(o: SearchOptions): string {
  const words = (o.text ?? '').split(/\s+/).filter((w) => /[\p{L}\p{N}]/u.test(w))
  const phrases = words.map(
    (word) => `"${word.replaceAll('"', '""')}"${word.endsWith('*') ? '*' : ''}`,
  )
  if (o.agent !== undefined) phrases.push(`subject : "${o.agent.replaceAll('"', '""')}"`)
  if (o.type !== undefined) phrases.push(`type : "${o.type.replaceAll('"', '""')}"`)
  return phrases.length === 0 ? '""' : phrases.join(' AND ')
}
