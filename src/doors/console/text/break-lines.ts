import { PLAIN } from './plain-cells.ts'
import { width } from './width.ts'

/** A part of a text, in UTF-16 units: from `from` up to, but not including, `to`. */
export interface TextRange {
  from: number
  to: number
}

/**
 * Breaks a text into lines of at most `cells` cells, after spaces if possible. Unlike `wrap` it
 * keeps every character: the lines one after the other are the text.
 */
export function breakLines(text: string, cells: number): TextRange[] {
  const room = Math.max(2, cells)
  const lines: TextRange[] = []
  let from = 0
  while (from < text.length) {
    const to = lineEnd(text, from, room)
    lines.push({ from, to })
    from = to
  }
  return lines.length === 0 ? [{ from: 0, to: 0 }] : lines
}

function lineEnd(text: string, from: number, cells: number): number {
  const full = fullEnd(text, from, cells)
  if (full >= text.length) return text.length
  const space = text.lastIndexOf(' ', full - 1)
  return space > from ? space + 1 : full
}

/** Where a line ends that is broken anywhere. */
function fullEnd(text: string, from: number, cells: number): number {
  if (PLAIN.test(text.slice(from, from + cells))) return from + cells
  let used = 0
  let at = from
  for (const char of text.slice(from, from + cells * MAX_UNITS_PER_CELL)) {
    used += width(char)
    if (used > cells) return at
    at += char.length
  }
  return at
}

/** A letter of two units with three marks of two units each upon it. */
const MAX_UNITS_PER_CELL = 8

/** The part of `lit` ranges that lies within a line: its pieces in order, lit and not. */
export function litParts(
  { from, to }: TextRange,
  lit: readonly TextRange[],
): (TextRange & { lit: boolean })[] {
  const parts: (TextRange & { lit: boolean })[] = []
  let at = from
  for (const range of lit) {
    const start = Math.max(at, Math.min(to, range.from))
    const end = Math.min(to, range.to)
    if (end <= start) continue
    if (start > at) parts.push({ from: at, to: start, lit: false })
    parts.push({ from: start, to: end, lit: true })
    at = end
  }
  if (at < to) parts.push({ from: at, to, lit: false })
  return parts
}
