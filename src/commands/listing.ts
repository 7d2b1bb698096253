import * as z from 'zod'
import type { MirroredNoun } from '../journal/types.ts'
import type { SubjectKind } from './subject.ts'

/** What a piece of a row means; doors choose how it looks. */
export type CellTone = 'text' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'info'

/** A cell: its text, or that with what it means. */
export type ListCell = string | readonly [tone: CellTone, text: string]

interface ListColumn<Row> {
  title: string
  /** `now` is in Unix milliseconds. */
  cell: (row: Row, now: number) => ListCell
  /** The cells that it takes; of the columns without it the last takes the rest of the line. */
  width?: number
  /** The same on wide lines. */
  wide?: number
  /** Numbers stand at the right. */
  right?: boolean
  /** It is left out on lines shorter than this. */
  from?: number
}

/** What opening a row shows: the answer of a face, or all about a row that consoles mirror. */
export type OpenedRow =
  | { face: string; input: Record<string, unknown> }
  | { noun: MirroredNoun; id: string }

/** A row of a list. `id` stays the same when others come and go around it. */
export interface ListedRow {
  id: string
}

/**
 * A row of a list that comes in pages. Its `place` is where it is in the list: rows further down
 * have lesser ones, compared as text.
 */
export interface PlacedRow extends ListedRow {
  place: string
}

/** A part of a list. */
export interface ListPage<Row extends PlacedRow> {
  rows: Row[]
  /**
   * From where to ask on to the same side, perhaps further than the last row: a search looks at so
   * many rows at a time. Null at the end of the list.
   */
  next: string | null
}

/** Which part of a list is asked for: from a place on, or from its top. */
export interface PageQuery {
  from?: string | undefined
  /** Towards lesser places, or greater ones. Rows are answered in the order of the list. */
  side: 'older' | 'newer'
  limit: number
}

/** What an act takes whose answer comes in pages. */
export const pageInput = () => ({
  from: z.string().max(64).optional(),
  side: z.enum(['older', 'newer']).default('older'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** How the console shows the answer of a face as a live list. */
export interface Listing {
  title: string
  /** What it is of, for the title. */
  of?: (input: Readonly<Record<string, unknown>>) => string
  about: SubjectKind
  /** Its rows, where the answer holds more than them. */
  rows?: (answer: never) => readonly ListedRow[]
  /** Pages of a long list, or all rows at once. */
  paged: boolean
  columns: readonly ListColumn<never>[]
  /**
   * What a filter may name, as in `status:failed`, and what that is. Each is a key of the input.
   * What it does not name goes to the key `text`; where all rows are there, it is looked for in
   * their cells.
   */
  filters?: Readonly<Record<string, string>>
  /** What is shown if there are no rows: why, then what to do. */
  none: readonly string[]
  opens?: (row: never) => OpenedRow | undefined
  /** What a line has no room for: paragraphs about the row that keys are about. */
  card?: (row: never, now: number) => readonly ListCell[]
}

/** Describes a list by the type of its rows. */
export function listing<Row extends ListedRow>(
  options: Omit<Listing, 'columns' | 'opens' | 'card'> & {
    columns: readonly ListColumn<Row>[]
    opens?: (row: Row) => OpenedRow | undefined
    card?: (row: Row, now: number) => readonly ListCell[]
  },
): Listing {
  return options as Listing
}

/** A filter as it is typed, as part of an input: `status:failed north pole`. */
export function filterInput({ filters = {} }: Listing, typed: string): Record<string, string> {
  const input: Record<string, string> = {}
  const words: string[] = []
  for (const word of typed.split(/\s+/).filter((each) => each !== '')) {
    const [name = '', value] = word.split(/:(.*)/s, 2)
    if (value !== undefined && value !== '' && Object.hasOwn(filters, name)) input[name] = value
    else words.push(word)
  }
  if (words.length > 0) input['text'] = words.join(' ')
  return input
}

/** The text and the meaning of a cell. */
export function cellPiece(cell: ListCell): readonly [tone: CellTone, text: string] {
  return typeof cell === 'string' ? ['text', cell] : cell
}
