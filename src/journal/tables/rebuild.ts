import { yielder } from '../../base/yield.ts'
import type { Store } from '../../store/open.ts'
import type { StoredEvent } from '../chain.ts'
import { asEvent } from '../read.ts'
import type { Nouns } from '../noun.ts'
import { everything, type Part } from './parts.ts'
import type { Rows } from './rows.ts'
import {
  expectedInMemory,
  expectedInScratch,
  rowSlices,
  type ExpectedRows,
} from './expected-rows.ts'
import type { DeckEvent } from '../types.ts'

/** Rows read at a time, and after how many milliseconds to yield. */
interface Pace {
  slice: number
  yieldEveryMs?: number
}
const NORMAL: Pace = { slice: 200 }
/**
 * Late comparisons run while a deck gives its first answers, which take several turns of the loop.
 */
const GENTLE: Pace = { slice: 25, yieldEveryMs: 1 }

export interface Difference {
  table: string
  id: string
  what: string
  here: string | undefined
  expected: string | undefined
}

interface Comparison {
  events: number
  differences: Difference[]
}

/** A difference in words. */
export function describeDifference({ table, id, what }: Difference): string {
  return `${table} ${id}: ${what}`
}

/**
 * Folds the whole journal again and compares the result with the tables of `store`. The connection
 * must not be used for anything else meanwhile: it reads a snapshot, in slices.
 */
export async function compareNouns(
  store: Store,
  nouns: Nouns,
  signal?: AbortSignal,
): Promise<Comparison> {
  return comparePart(store, everything(nouns), signal)
}

export async function comparePart(
  store: Store,
  part: Part,
  signal?: AbortSignal,
): Promise<Comparison> {
  const expected = part.late ? expectedInMemory() : expectedInScratch(part.nouns, part.known)
  const yieldIfBusy = yielder(signal, paceOf(part).yieldEveryMs)
  store.exec('BEGIN')
  try {
    const events = await foldInto(expected.rows, store, { part, yieldIfBusy })
    const differences: Difference[] = []
    for (const table of part.nouns.tables)
      differences.push(...(await compareTable(table, { live: store, expected, part, yieldIfBusy })))
    return { events, differences }
  } finally {
    store.exec('COMMIT')
    expected.close()
  }
}

function paceOf(part: Part): Pace {
  return part.late ? GENTLE : NORMAL
}

interface Work {
  part: Part
  yieldIfBusy: () => Promise<void>
}

async function foldInto(rows: Rows, store: Store, { part, yieldIfBusy }: Work): Promise<number> {
  let events = 0
  for (const slice of part.late ? listed(store, part.events) : slices(store, part.events)) {
    for (const stored of slice) foldOne(stored, part.nouns, rows)
    events += slice.length
    rows.touched()
    await yieldIfBusy()
  }
  return events
}

/** The events of a part in order. Unreadable ones are omitted; verification reports them. */
export function* slices(store: Store, where: string): Generator<StoredEvent[]> {
  const since = store.prepare<[number, number], StoredEvent>(
    `SELECT * FROM event WHERE seq > ? AND (${where}) ORDER BY seq LIMIT ?`,
  )
  const one = store.prepare<[number], StoredEvent>(
    `SELECT * FROM event WHERE seq = ? AND (${where})`,
  )
  const last = lastSeq(store)
  for (let seq = 0; seq < last;) {
    let slice: StoredEvent[] | undefined
    try {
      slice = since.all(seq, NORMAL.slice)
    } catch {
      /* a damaged page makes the whole slice unreadable */
    }
    if (slice?.length === 0) return
    const until: number = slice?.at(-1)?.seq ?? Math.min(seq + NORMAL.slice, last)
    yield slice ?? readable(one, seq, until)
    seq = until
  }
}

/**
 * The same for few events of a long journal. An index finds them by type, but not in order, so they
 * are sorted once instead of for each slice.
 */
function* listed(store: Store, where: string): Generator<StoredEvent[]> {
  const seqs = store
    .prepare<[], number>(`SELECT seq FROM event WHERE ${where} ORDER BY seq`)
    .pluck()
    .all()
  const one = store.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?')
  for (let i = 0; i < seqs.length; i += GENTLE.slice)
    yield seqs.slice(i, i + GENTLE.slice).flatMap((seq) => readable(one, seq - 1, seq))
}

function readable(
  one: { get(seq: number): StoredEvent | undefined },
  after: number,
  until: number,
): StoredEvent[] {
  const found: StoredEvent[] = []
  for (let seq = after + 1; seq <= until; seq++) {
    try {
      const event = one.get(seq)
      if (event !== undefined) found.push(event)
    } catch {
      /* it is on the damaged page */
    }
  }
  return found
}

/** Folds one event. One whose body is not valid JSON any more is ignored. */
export function foldOne(stored: StoredEvent, nouns: Nouns, rows: Rows): void {
  let event: DeckEvent
  try {
    event = asEvent(stored)
  } catch {
    return
  }
  nouns.fold(event, rows)
}

export function lastSeq(store: Store): number {
  return (
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  )
}

async function compareTable(
  table: string,
  { live, expected, part, yieldIfBusy }: Work & { live: Store; expected: ExpectedRows },
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const slice of rowSlices(table, live, paceOf(part).slice)) {
    for (const { id, row } of slice) {
      const what = expected.difference(table, id, row)
      if (what !== undefined)
        differences.push({ table, id, what, here: row, expected: expected.text(table, id) })
    }
    await yieldIfBusy()
  }
  const here = live.prepare<[string], unknown>(`SELECT 1 FROM ${table} WHERE id = ?`)
  for (const slice of expected.ids(table)) {
    for (const id of slice)
      if (here.get(id) === undefined)
        differences.push({
          table,
          id,
          what: 'missing',
          here: undefined,
          expected: expected.text(table, id),
        })
    await yieldIfBusy()
  }
  return differences
}
