import { covers, grantOf, partsOf } from '../patterns/covers.ts'
import { readLine } from '../line.ts'
import type { ProgramEntry, TableEntry } from './table-entry.ts'
import { EntryMistake } from './table-compile.ts'
import type { Table } from './table.ts'

/** The folder in which a case's line stands. */
const FOLDER = '/workspace'

/**
 * The first case of some entries that does not hold, told as a mistake; undefined where all of them
 * hold.
 */
export function failingCase({ programs }: TableEntry, table: Table): EntryMistake | undefined {
  for (const [name, entry] of Object.entries(programs)) {
    const mistake = failing(name, entry, table)
    if (mistake !== undefined) return mistake
  }
  return undefined
}

function failing(
  name: string,
  { covers: covered = [], asks = [] }: ProgramEntry,
  table: Table,
): EntryMistake | undefined {
  const short = covered.findIndex((line) => !isCovered(name, line, table))
  if (short >= 0)
    return new EntryMistake(
      [name, 'covers', short],
      `a yes to \`${name} *\` does not cover this line`,
      'Name its options and operands as what they are, or leave the case out.',
    )
  const wide = asks.findIndex((line) => isCovered(name, line, table))
  if (wide < 0) return undefined
  return new EntryMistake(
    [name, 'asks', wide],
    `a yes to \`${name} *\` covers this line`,
    'Say what its option or operand does, or leave the case out.',
  )
}

/** Whether a yes to every command of a program is one to this line. */
export function isCovered(program: string, line: string, table: Table): boolean {
  const parts = partsOf(readLine(line, table), FOLDER)
  return parts !== undefined && parts.every((part) => covers(grantOf(`${program}*`), part))
}
