import { graphemes, width } from './width.ts'

/** Cells from `from` up to, but not including, `to`. */
export interface CellRange {
  from: number
  to: number
}

const PIECES = /\u001b\[[\d;]*m|[^\u001b]+/g

/**
 * The cells of a drawn line between two columns, with their colours. A wide character that is cut
 * in two becomes spaces.
 */
export function slice(line: string, { from, to }: CellRange): string {
  let styles = ''
  let text = ''
  let at = 0
  for (const [piece] of line.matchAll(PIECES)) {
    if (at >= to) break
    if (piece.startsWith('\u001b')) {
      styles += piece
      continue
    }
    const wide = width(piece)
    if (at + wide > from) text += styles + within(piece, from - at, to - at)
    if (text !== '') styles = ''
    at += wide
  }
  return text === '' ? '' : `${text}\u001b[0m`
}

function within(text: string, from: number, to: number): string {
  let out = ''
  let at = 0
  for (const { segment } of graphemes(text)) {
    const end = at + width(segment)
    if (at >= from && end <= to) out += segment
    else out += ' '.repeat(Math.max(0, Math.min(end, to) - Math.max(at, from)))
    at = end
    if (at >= to) break
  }
  return out
}

/** The parts of `whole` that nothing covers, from left to right. */
export function uncovered(whole: CellRange, covered: readonly CellRange[]): CellRange[] {
  let left = [whole]
  for (const c of covered)
    left = left.flatMap((r) =>
      c.to <= r.from || c.from >= r.to
        ? [r]
        : [
            { from: r.from, to: c.from },
            { from: c.to, to: r.to },
          ].filter((part) => part.to > part.from),
    )
  return left
}
