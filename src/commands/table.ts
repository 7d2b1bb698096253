import type { MirroredNoun, MirroredRows } from '../journal/types.ts'

/** A column of a table: what it says of a row. `now` in Unix milliseconds. */
export interface TableColumn<Row> {
  title: string
  cell: (row: Row, now: number) => string
}

/** How the rows of a noun are listed, on the command line and in the console. */
export interface Table {
  noun: MirroredNoun
  title: string
  columns: readonly TableColumn<never>[]
  /** What is said when there are none, and what to do then. */
  none: string
}

/** Describes the table of a noun. */
export function table<N extends MirroredNoun>(
  noun: N,
  written: Omit<Table, 'noun' | 'columns'> & { columns: readonly TableColumn<MirroredRows[N]>[] },
): Table {
  return { ...written, noun }
}

/** The cells of a row. */
export function cellsOf({ columns }: Table, row: unknown, now: number): string[] {
  return columns.map(({ cell }) => cell(row as never, now))
}
