import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileTable } from '../../command-analysis/programs/table-compile.ts'
import { NO_PROGRAMS, type Table } from '../../command-analysis/programs/table.ts'
import type { TableEntry } from '../../command-analysis/programs/table-entry.ts'

let known: Table | undefined

/**
 * The programs that are shipped with the library; none where the text that its build makes of them
 * is missing.
 */
export function shippedPrograms(): Table {
  return (known ??= read())
}

function read(): Table {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'dist', 'programs.json')) && dirname(folder) !== folder)
    folder = dirname(folder)
  try {
    const text = readFileSync(join(folder, 'dist', 'programs.json'), 'utf8')
    return compileTable(JSON.parse(text) as TableEntry)
  } catch {
    return NO_PROGRAMS
  }
}
