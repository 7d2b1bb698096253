import stringWidth from 'string-width'
import { PLAIN } from './plain-cells.ts'

const MAX_CACHED = 4096
const widths = new Map<string, number>()
let segmenter: Intl.Segmenter | undefined

/** The graphemes of a text. Unicode's tables are loaded when they are first needed. */
export function graphemes(text: string): Intl.Segments {
  return (segmenter ??= new Intl.Segmenter()).segment(text)
}

/** The cells that `text` takes on a terminal. Other than plain text is measured once and cached. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length
  const known = widths.get(text)
  if (known !== undefined) return known
  if (widths.size >= MAX_CACHED) widths.clear()
  // Terminals count code points, not what people read as one character.
  const cells = [...text].reduce((sum, char) => sum + stringWidth(char), 0)
  widths.set(text, cells)
  return cells
}

/** `text` in at most `cells` cells; cut text ends with `…`. */
export function cut(text: string, cells: number): string {
  if (cells <= 0) return ''
  if (width(text) <= cells) return text
  if (PLAIN.test(text)) return `${text.slice(0, cells - 1)}…`
  let out = ''
  let used = 0
  for (const { segment } of graphemes(text)) {
    const wide = width(segment)
    if (used + wide > cells - 1) break
    out += segment
    used += wide
  }
  return `${out}…`
}

/** `text` in exactly `cells` cells, aligned left, or right with `right`. */
export function fit(text: string, cells: number, right = false): string {
  const short = cut(text, cells)
  const rest = ' '.repeat(Math.max(0, cells - width(short)))
  return right ? rest + short : short + rest
}

/** `text` in at most `max` lines of at most `cells` cells, broken at spaces if possible. */
export function wrap(text: string, cells: number, max = 500): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((w) => splitWord(w, cells))) {
    if (lines.length >= max) break
    if (line !== '' && width(line) + 1 + width(word) > cells) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}

function splitWord(word: string, cells: number): string[] {
  if (width(word) <= cells) return [word]
  const out: string[] = []
  let piece = ''
  for (const { segment } of graphemes(word)) {
    if (width(piece) + width(segment) > cells && piece !== '') {
      out.push(piece)
      piece = ''
    }
    piece += segment
  }
  return piece === '' ? out : [...out, piece]
}
