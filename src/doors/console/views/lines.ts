import type { TextLine } from '../store/layer.ts'

export const textLine = (tone: TextLine['tone'], text: string): TextLine => ({ tone, text })

export const BLANK_LINE: TextLine = textLine('dim', '')

/** A name and its value in columns; nothing if there is no value. */
export const factLines = (
  name: string,
  text: string,
  tone: TextLine['tone'] = 'text',
): TextLine[] => (text === '' ? [] : [textLine(tone, `${name.padEnd(12)} ${text}`)])

export const headingLines = (text: string): TextLine[] => [BLANK_LINE, textLine('head', text)]

/** Lines under a heading; nothing if there are none. */
export const sectionLines = (heading: string, lines: readonly TextLine[]): TextLine[] =>
  lines.length === 0 ? [] : [...headingLines(heading), ...lines]
