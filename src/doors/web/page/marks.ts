import { plain } from '../../../base/text.ts'

/** A part of a text: as it is, or a mark for something that cannot be seen. */
export interface MarkedPart {
  text: string
  /** What the mark stands for, as `U+202E`; '' for what is shown as it is. */
  hidden: string
}

/** All of an untrusted text, with marks in place of what cannot be seen. */
export function markedParts(text: string): MarkedPart[] {
  const source = [...text.toWellFormed()]
  const parts: MarkedPart[] = []
  for (const [i, shown] of [...plain(text, Infinity)].entries()) {
    const char = source[i] ?? ''
    const last = parts.at(-1)
    if (shown !== char) parts.push({ text: shown, hidden: nameOf(char) })
    else if (last !== undefined && last.hidden === '') last.text += shown
    else parts.push({ text: shown, hidden: '' })
  }
  return parts
}

function nameOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
