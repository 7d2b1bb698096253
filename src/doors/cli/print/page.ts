import { plain } from '../../../base/text.ts'
import type { Answers } from '../../../commands/answers.ts'
import { cellsOf, type NounTable } from '../../../commands/table.ts'
import type { Decision } from '../../../domain/policy/types.ts'
import { table, type Paint, type Tone } from '../terminal.ts'

/** What a printer needs besides the answer. `now` is in Unix milliseconds. */
export interface Page {
  paint: Paint
  now: number
}

/** A printer for each kind of answer. Its text ends with a line feed. */
export type Printers = { [K in keyof Answers]: (answer: Answers[K], page: Page) => string }

/** How a decision, or the effect of a policy, is coloured. */
export const DECISION_TONES: Record<Decision | 'ask', Tone> = {
  allow: 'good',
  warn: 'careful',
  ask: 'careful',
  require_approval: 'careful',
  block: 'bad',
}

const COLUMNS = 80

/**
 * Wraps words at 80 columns. All lines but the first are indented by `indent`; long words are not
 * split.
 */
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

/** A list under a heading; nothing without lines. */
export function bullets(paint: Paint, heading: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `${paint('strong', heading)}\n${lines.map((line) => `  · ${line}\n`).join('')}`
}

/** Lines of a file or of JSON, each made safe for the terminal. */
export function safeLines(text: string, maxChars = 4096): string {
  return text
    .split('\n')
    .map((line) => plain(line, maxChars))
    .join('\n')
    .trimEnd()
}

/** The rows of a noun as its table lists them. */
export function tableText(of: NounTable, rows: readonly unknown[], { paint, now }: Page): string {
  return table(
    paint,
    of.columns.map(({ title }) => title),
    rows.map((row) => cellsOf(of, row, now)),
    of.none,
  )
}
