import {
  cellPiece,
  type ListedRow,
  type ListPage,
  type PlacedRow,
} from '../../../commands/listing.ts'
import type { LayerOf } from './layer.ts'

/** So many rows of a long list are kept; further ones are asked for again. */
export const ROWS_KEPT = 1000

/** A part of a list without gaps: its rows, and from where to ask on above and below them. */
export interface Listed {
  rows: readonly PlacedRow[]
  /** Null if its first row is the first of the list. */
  newer: string | null
  /** Null if its last row is the last of the list. */
  older: string | null
}

type Page = ListPage<PlacedRow>

export function firstPage({ rows, next }: Page): Listed {
  return { rows, newer: null, older: next }
}

/** With the page below its last row. */
export function withOlder(listed: Listed, { rows, next }: Page): Listed {
  const all = [...listed.rows, ...without(rows, listed.rows)]
  const kept = all.slice(-ROWS_KEPT)
  const cut = kept.length < all.length
  return { rows: kept, newer: cut ? placeOfRow(kept[0]) : listed.newer, older: next }
}

/** With the page above its first row. */
export function withNewer(listed: Listed, { rows, next }: Page): Listed {
  const all = [...without(rows, listed.rows), ...listed.rows]
  const kept = all.slice(0, ROWS_KEPT)
  const cut = kept.length < all.length
  return { rows: kept, newer: next, older: cut ? placeOfRow(kept.at(-1)) : listed.older }
}

/**
 * With a part of it as it is now: the page below `from`, or the top of the list. Rows further down
 * are kept if there is nothing between them and the page.
 */
export function renewed(listed: Listed, { rows, next }: Page, from: string | null): Listed {
  const above = from === null ? [] : listed.rows.filter(({ place }) => place >= from)
  const newer = from === null ? null : listed.newer
  const head = [...above, ...without(rows, above)]
  if (next === null) return { rows: head, newer, older: null }
  const touches = from !== null || listed.rows.some(({ place }) => place >= next)
  const below = touches ? listed.rows.filter(({ place }) => place < next) : []
  const whole = [...head, ...without(below, head)].slice(0, ROWS_KEPT)
  const isCut = head.length + below.length > ROWS_KEPT
  const end = below.length === 0 ? next : listed.older
  return { rows: whole, newer, older: isCut ? placeOfRow(whole.at(-1)) : end }
}

/** The index of a row, or of the one that took its place. */
export function rowIndex(rows: readonly { id: string }[], cursor: string | null): number {
  return cursor === null
    ? 0
    : Math.max(
        0,
        rows.findIndex(({ id }) => id === cursor),
      )
}

function placeOfRow(row: PlacedRow | undefined): string | null {
  return row?.place ?? null
}

function without(rows: readonly PlacedRow[], others: readonly PlacedRow[]): PlacedRow[] {
  const known = new Set(others.map(({ id }) => id))
  return rows.filter(({ id }) => !known.has(id))
}

/** The rows that the filter leaves; those of a long list are chosen by the deck. */
export function shownRows(
  { face, rows, filter }: LayerOf<'list'>,
  now: number,
): readonly ListedRow[] {
  const { list } = face
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (list.paged || words.length === 0) return rows
  return rows.filter((row) => {
    const cells = list.columns.map(({ cell }) => cellPiece(cell(row as never, now))[1])
    const text = cells.join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** The row that keys are about: the one with the cursor, or the first that is shown. */
export function rowAtCursor(layer: LayerOf<'list'>, now: number): ListedRow | undefined {
  const rows = shownRows(layer, now)
  return rows[rowIndex(rows, layer.cursor)]
}
