import type { Answers } from '../../../commands/answers.ts'
import { cellsOf, type Table } from '../../../commands/table.ts'
import { table, type Paint } from '../terminal.ts'

/** What a printer needs besides the answer. `now` in Unix milliseconds. */
export interface Page {
  paint: Paint
  now: number
}

/** A printer for each kind of answer: text that ends with a newline. */
export type Printers = { [K in keyof Answers]: (answer: Answers[K], page: Page) => string }

/** Bytes as people read them: `212M`. */
export function bytes(n: number): string {
  const units = ['B', 'K', 'M', 'G', 'T']
  let at = 0
  let left = n
  while (left >= 1024 && at < units.length - 1) {
    left /= 1024
    at++
  }
  return `${left >= 10 || at === 0 ? Math.round(left) : left.toFixed(1)}${units[at] ?? ''}`
}

/** Words in lines of at most 80 columns, from the second on behind `indent`. A word that is longer stands alone. */
export function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= COLUMNS)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(line === undefined ? word : `${indent}${word}`)
  }
  return `${lines.join('\n')}\n`
}

const COLUMNS = 80

/** Bulleted lines under a heading; nothing for none. */
export function bullets(paint: Paint, heading: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `${paint('strong', heading)}\n${lines.map((line) => `  · ${line}\n`).join('')}`
}

/** The rows of a noun as its table lists them. */
export function tableText(of: Table, rows: readonly unknown[], { paint, now }: Page): string {
  return table(
    paint,
    of.columns.map(({ title }) => title),
    rows.map((row) => cellsOf(of, row, now)),
    of.none,
  )
}
