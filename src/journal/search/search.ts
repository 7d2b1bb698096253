import { yielder } from '../../base/yield.ts'
import type { Store } from '../../store/open.ts'
import type { StoredEvent } from '../chain.ts'
import type { SearchOptions } from '../types.ts'

/** Rows scanned at a time where no index helps. */
const SCAN_ROWS = 10_000
/** The most that the text index is asked for at once. */
const MAX_PAGE = 1000

/** Events that match, newest first, regardless of `text`. */
export async function findEvents(store: Store, options: SearchOptions): Promise<StoredEvent[]> {
  const select = (range: Range): StoredEvent[] => {
    const { sql, values } = compile(range)
    return store.prepare<unknown[], StoredEvent>(sql).all(...values)
  }
  if (options.since === undefined) return select(options)
  // Events are not ordered by time, because clocks can jump, so they are scanned from the newest
  // back.
  const yieldIfBusy = yielder()
  const found: StoredEvent[] = []
  const last =
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  let before = options.before ?? last + 1
  while (before > 1 && found.length < options.limit) {
    const limit = options.limit - found.length
    found.push(...select({ ...options, before, from: before - SCAN_ROWS, limit }))
    before -= SCAN_ROWS
    await yieldIfBusy()
  }
  return found
}

interface Range extends SearchOptions {
  /** Lowest sequence number. */
  from?: number
}

function compile(o: Range): { sql: string; values: unknown[] } {
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

/** Finds events by words. */
export interface WordIndex {
  /** Sequence numbers below `before` of events that match an FTS5 expression, newest first. */
  matching(expression: string, before: number, limit: number): number[]
}

/** Events that contain the words of `text` and match otherwise, newest first. */
export async function findByWords(
  index: WordIndex,
  eventAt: (seq: number) => StoredEvent | undefined,
  options: SearchOptions,
): Promise<StoredEvent[]> {
  const expression = matchExpression(options)
  const yieldIfBusy = yielder()
  const found: StoredEvent[] = []
  let before = options.before ?? Number.MAX_SAFE_INTEGER
  for (let page = options.limit; ; page = Math.min(2 * page, MAX_PAGE)) {
    const seqs = index.matching(expression, before, page)
    for (const seq of seqs) {
      const event = eventAt(seq)
      if (event !== undefined && matches(event, options)) found.push(event)
      if (found.length === options.limit) return found
    }
    if (seqs.length < page) return found
    before = seqs.at(-1) ?? 0
    await yieldIfBusy()
  }
}

function matches(event: StoredEvent, { agent, type, since }: SearchOptions): boolean {
  return (
    (agent === undefined || event.subject === agent) &&
    (type === undefined || event.type === type) &&
    (since === undefined || event.at >= since)
  )
}

/**
 * Words become quoted FTS5 phrases, so that nothing typed is syntax; all must occur, and `*` at the
 * end of a word matches by prefix. Agent and type narrow the search in the index itself.
 */
function matchExpression({ text, agent, type }: SearchOptions): string {
  const words = (text ?? '').split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const phrases = words.map((word) => `${quoted(word)}${word.endsWith('*') ? '*' : ''}`)
  if (agent !== undefined) phrases.push(`subject : ${quoted(agent)}`)
  if (type !== undefined) phrases.push(`type : ${quoted(type)}`)
  return phrases.length === 0 ? '""' : phrases.join(' AND ')
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
