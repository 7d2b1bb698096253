import { Fault } from '../../base/fault.ts'
import { lineAt, type SectionBody } from './scan.ts'
import type { MarkdownFile } from './sections.ts'

/** How many characters are read: of a file, and of one section. */
export interface MarkdownBounds {
  readonly file: number
  readonly section: number
}

export const MARKDOWN_BOUNDS: MarkdownBounds = { file: 16 * 1024 * 1024, section: 64 * 1024 }

/** Throws Fault `input.invalid` where a file is longer than is read. */
export function checkFileLength(file: MarkdownFile, text: string, bounds: MarkdownBounds): void {
  if (text.length <= bounds.file) return
  throw new Fault(
    'input.invalid',
    `${file} has ${text.length} characters; at most ${bounds.file} are read`,
    { hint: 'Shorten the file; nothing was changed.' },
  )
}

/** Throws Fault `input.invalid`, with its line, where a section is longer than advice may be. */
export function checkSectionLength(
  { file, heading }: { file: MarkdownFile; heading: string },
  text: string,
  section: SectionBody,
  bounds: MarkdownBounds,
): void {
  if (section.text.length <= bounds.section) return
  const place = `${file} line ${lineAt(text, section.at)}`
  const { length } = section.text
  throw new Fault(
    'input.invalid',
    `${place}: section "${heading}" has ${length} characters; at most ${bounds.section} are read`,
    {
      hint: 'Shorten the section; nothing was changed.',
    },
  )
}
