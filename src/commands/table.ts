import type { MirroredNoun, MirroredRows } from '../journal/types.ts'

/** A column of a table. `now` is in Unix milliseconds. */
interface TableColumn<Row> {
  title: string
  cell: (row: Row, now: number) => string
}

/** How rows of a noun are listed, on the command line and in the console. */
export interface NounTable {
  noun: MirroredNoun
  title: string
  columns: readonly TableColumn<never>[]
  /** What is shown if there are no rows, and what to do then. */
  none: string
}

/** Describes the table of a noun. */
export function nounTable<N extends MirroredNoun>(
  noun: N,
  options: Omit<NounTable, 'noun' | 'columns'> & {
    columns: readonly TableColumn<MirroredRows[N]>[]
  },
): NounTable {
  return { ...options, noun }
}

/** The cells of a row. */
export function cellsOf({ columns }: NounTable, row: unknown, now: number): string[] {
  return columns.map(({ cell }) => cell(row as never, now))
}
