import { width } from './width.ts'

/** Cells from `from` up to but not with `to`. */
export interface Range {
  from: number
  to: number
}

const PIECES = /\u001b\[[\d;]*m|[^\u001b]+/g
const segmenter = new Intl.Segmenter()

/** The cells of a drawn line that lie in `range`, with the looks that they have in it. A wide character that is cut in two becomes blanks. */
export function slice(line: string, { from, to }: Range): string {
  let looks = ''
  let text = ''
  let at = 0
  for (const [piece] of line.matchAll(PIECES)) {
    if (at >= to) break
    if (piece.startsWith('\u001b')) {
      looks += piece
      continue
    }
    const wide = width(piece)
    if (at + wide > from) text += looks + within(piece, from - at, to - at)
    if (text !== '') looks = ''
    at += wide
  }
  return text === '' ? '' : `${text}\u001b[0m`
}

function within(text: string, from: number, to: number): string {
  let out = ''
  let at = 0
  for (const { segment } of segmenter.segment(text)) {
    const end = at + width(segment)
    if (at >= from && end <= to) out += segment
    else out += ' '.repeat(Math.max(0, Math.min(end, to) - Math.max(at, from)))
    at = end
    if (at >= to) break
  }
  return out
}

/** What is left of `whole` when the `covered` are taken away, from left to right. */
export function uncovered(whole: Range, covered: readonly Range[]): Range[] {
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
