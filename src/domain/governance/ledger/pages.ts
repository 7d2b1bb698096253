import type { Store } from '../../../store/open.ts'
import type { LedgerEntry } from './types.ts'

/** Which actions of one organisation are looked for. Everything given has to hold. */
export interface PageFilter {
  agent?: string | undefined
  type?: string | undefined
  status?: string | undefined
  /** Words that its agent, type, status, goal or error contain, in lower case. */
  words: readonly string[]
}

/** From which place on, to which side: see `PageQuery`. */
export interface PagePart {
  from: LedgerPlace | undefined
  side: 'older' | 'newer'
  limit: number
}

/** Where an action is in the list: by when it began, then by when it was written down. */
export interface LedgerPlace {
  at: number
  row: number
}

/** An action, and where it is in the list. */
export interface PlacedEntry extends LedgerPlace {
  entry: LedgerEntry
}

/** A part of the actions of one organisation. `end`: how far was looked; null: to the end. */
export interface EntryPage {
  found: PlacedEntry[]
  end: LedgerPlace | null
}

/**
 * What an index does not find is looked for in so many actions at a time, so that others are not
 * kept waiting.
 */
export const LOOKED_AT = 500

type Values = Record<string, string | number>

/** What an index finds, the fewest actions first; it is asked for the first that is given. */
const INDEXED = ['agent', 'type', 'status'] as const

/** Reads the actions of an organisation from a place on, nearest first. */
export function entriesFrom(
  store: Store,
  org: string,
  { filter, part }: { filter: PageFilter; part: PagePart },
): EntryPage {
  const { from, side, limit } = part
  const [less, order] = side === 'older' ? ['<', 'DESC'] : ['>', 'ASC']
  const [first, ...others] = INDEXED.filter((key) => filter[key] !== undefined)
  const isScan = others.length > 0 || filter.words.length > 0
  const values: Values = { org, most: isScan ? LOOKED_AT : limit }
  const terms = ['org = @org']
  if (first !== undefined) {
    terms.push(`${first} = @first`)
    values['first'] = filter[first] ?? ''
  }
  if (from !== undefined) {
    terms.push(`at ${less}= @at AND (at ${less} @at OR rowid ${less}= @row)`)
    values['at'] = from.at
    values['row'] = from.row
  }
  const rows = store
    .prepare<[Values], { at: number; place: number; entry: string }>(
      `SELECT at, rowid AS place, row AS entry FROM ledger WHERE ${terms.join(' AND ')}
        ORDER BY at ${order}, rowid ${order} LIMIT @most`,
    )
    .all(values)
  return matching(rows, filter, { limit, most: Number(values['most']) })
}

function matching(
  rows: readonly { at: number; place: number; entry: string }[],
  filter: PageFilter,
  { limit, most }: { limit: number; most: number },
): EntryPage {
  const found: PlacedEntry[] = []
  for (const { at, place: row, entry: text } of rows) {
    const entry = JSON.parse(text) as LedgerEntry
    if (!holds(entry, filter)) continue
    found.push({ at, row, entry })
    if (found.length >= limit) return { found, end: { at, row } }
  }
  const last = rows.at(-1)
  return {
    found,
    end: rows.length < most || last === undefined ? null : { at: last.at, row: last.place },
  }
}

function holds(entry: LedgerEntry, { words, ...exact }: PageFilter): boolean {
  if (INDEXED.some((key) => exact[key] !== undefined && exact[key] !== entry[key])) return false
  if (words.length === 0) return true
  const { agent, type, status, action } = entry
  const { declared_goal: goal, error_message: error, action_id: id } = action
  const text = `${agent} ${type} ${status} ${goal} ${error ?? ''} ${id}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Places as text, which compares as they do. */
export function textOfPlace({ at, row }: LedgerPlace): string {
  return `${String(at).padStart(16, '0')}.${String(row).padStart(12, '0')}`
}

/** The place of a text; undefined if it is none. */
export function placeOfText(text: string): LedgerPlace | undefined {
  const [, at, row] = /^(\d{1,16})\.(\d{1,12})$/.exec(text) ?? []
  return at === undefined || row === undefined ? undefined : { at: Number(at), row: Number(row) }
}
