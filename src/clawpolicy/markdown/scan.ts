/**
 * Finding sections in Markdown. Every function reads its text once, whatever it holds: no pattern
 * here can go back over what it has passed.
 */
const SPACE =
  '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const ONE = new RegExp(SPACE, 'u')
const ESCAPED = new RegExp(`^\\\\*##(?=${SPACE}|$)`, 'u')

/** A section's text, stripped, and where it begins in the file. */
export interface SectionBody {
  readonly text: string
  readonly at: number
}

/**
 * A section by its heading; `at` and `end` bound its lines below the heading, `top` is where the
 * heading begins.
 */
export interface FileSection {
  readonly heading: string
  readonly top: number
  readonly at: number
  readonly end: number
}

/** White space is the file format's, not ECMAScript's. */
export function trimmed(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text, end - 1)) end--
  const start = pastSpace(text, 0)
  return start >= end ? '' : text.slice(start, end)
}

/** CRLF as LF. */
export function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** The line that a place is in, counted from 1. */
export function lineAt(text: string, at: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++
  return line
}

/**
 * A section as the original finds it: `##` anywhere, the name, and at least one line feed; up to
 * the next line that begins with `##` and a space. The line feeds below the heading belong to it,
 * so an empty section takes in the next.
 */
export function looseSection(text: string, name: string): SectionBody | undefined {
  for (let at = text.indexOf('##'); at >= 0; at = text.indexOf('##', at + 1)) {
    const start = pastSpace(text, at + 2)
    if (start === at + 2 || !text.startsWith(name, start)) continue
    const after = start + name.length
    const feed = text.slice(after, pastSpace(text, after)).lastIndexOf('\n')
    if (feed < 0) continue
    const from = after + feed + 1
    return { text: trimmed(text.slice(from, nextHeading(text, from))), at: from }
  }
  return undefined
}

/** Every line break of Unicode, as the original splits some texts. */
export const ANY_LINE_BREAK = /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/u

/** The first line of a section's text, without its bullet. */
export function firstContentLine(body: string, lineBreak: string | RegExp): string {
  const line = trimmed(body.split(lineBreak, 1)[0] as string)
  return line.startsWith('- ') ? line.slice(2) : line
}

/** Every heading of the second level, each to the one after it. */
export function sectionsOf(text: string): FileSection[] {
  const found: FileSection[] = []
  let top = isHeading(text, 0) ? 0 : nextHeadingLine(text, 0)
  while (top < text.length) {
    const feed = text.indexOf('\n', top)
    const at = feed < 0 ? text.length : feed + 1
    const end = isHeading(text, at) ? at : nextHeadingLine(text, at)
    found.push({ heading: trimmed(text.slice(top + 2, at)), top, at, end })
    top = end
  }
  return found
}

/** A body that holds no heading of the second level: such lines begin with a backslash. */
export function escaped(body: string): string {
  return body
    .split('\n')
    .map((line) => (ESCAPED.test(line) ? `\\${line}` : line))
    .join('\n')
}

export function unescaped(body: string): string {
  return body
    .split('\n')
    .map((line) => (line.startsWith('\\') && ESCAPED.test(line) ? line.slice(1) : line))
    .join('\n')
}

function pastSpace(text: string, at: number): number {
  let end = at
  while (end < text.length && isSpace(text, end)) end++
  return end
}

/** Most characters are settled by their number. */
function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return true
  return (code >= 0x1c && code < 0x20) || (code >= 0x80 && ONE.test(text[at] as string))
}

/** Where the line feed before the next heading is; the end of the text if there is none. */
function nextHeading(text: string, from: number): number {
  for (let at = text.indexOf('\n##', from); at >= 0; at = text.indexOf('\n##', at + 1)) {
    if (isSpace(text, at + 3)) return at
  }
  return text.length
}

function nextHeadingLine(text: string, from: number): number {
  for (let at = text.indexOf('\n##', from); at >= 0; at = text.indexOf('\n##', at + 1))
    if (isHeading(text, at + 1)) return at + 1
  return text.length
}

function isHeading(text: string, at: number): boolean {
  return text.startsWith('##', at) && (at + 2 === text.length || isSpace(text, at + 2))
}
