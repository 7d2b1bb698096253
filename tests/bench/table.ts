import { amount, type Row } from './harness.ts'

const HEADS = ['', 'what', 'reached', 'floor', 'ratio', 'target', ''] as const

const MARKS: Record<string, string> = { null: '·', true: '✓', false: '✗' }

/** Rows as an aligned table; what is long stands last. */
export function printTable(rows: readonly Row[]): string {
  const lines = rows.map((r) => [
    MARKS[String(r.ok)] ?? '',
    r.what,
    r.reached,
    r.floor,
    r.ratio === null ? '' : `${amount(r.ratio)}×`,
    r.target,
    r.note,
  ])
  const all = [[...HEADS], ...lines]
  const widths = HEADS.map((_, i) => Math.max(...all.map((line) => (line[i] ?? '').length)))
  return `${all
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`
}
