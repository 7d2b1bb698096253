import { plain } from '../../base/text.ts'
import type { Corrections } from '../corrections.ts'
import { PLACEHOLDERS } from '../files/provision.ts'
import { checkFileLength, checkSectionLength, type MarkdownBounds } from './bounds.ts'
import {
  lineAt,
  looseSection,
  sectionsOf,
  trimmed,
  unescaped,
  unixLines,
  type SectionBody,
  type FileSection,
} from './scan.ts'
import { SECTIONS, type MarkdownFile, type SectionKind } from './sections.ts'

/**
 * The bodies of a file's known sections by heading, without empty ones, and notes about other
 * sections.
 */
interface MarkdownSections {
  bodies: Map<string, string>
  notes: string[]
}

/** Finds the known sections of a Markdown file. */
export class MarkdownReader {
  readonly #corrections: Corrections
  readonly #bounds: MarkdownBounds

  constructor(corrections: Corrections, bounds: MarkdownBounds) {
    this.#corrections = corrections
    this.#bounds = bounds
  }

  /** Throws Fault `input.invalid` with the place where the file or a section is too long. */
  read(file: MarkdownFile, raw: string): MarkdownSections {
    checkFileLength(file, raw, this.#bounds)
    const text = this.#linesOf(raw)
    const sections = this.#corrections['sections-end'] ? sectionsOf(text) : undefined
    const find = (name: string) =>
      sections === undefined ? looseSection(text, name) : strictSection(text, sections, name)
    const bodies = new Map<string, string>()
    for (const kind of SECTIONS[file]) {
      const body = firstNonEmpty(kind, find)
      if (body === undefined || this.#isIgnored(kind, body.text)) continue
      checkSectionLength(kind, text, body, this.#bounds)
      bodies.set(kind.heading, this.#adviceOf(body.text))
    }
    return { bodies, notes: sections === undefined ? [] : unknownSections(file, text, sections) }
  }

  /** The original reads files with universal newlines: a lone CR ends a line too. */
  #linesOf(raw: string): string {
    const text = unixLines(raw)
    return this.#corrections['lines-end-with-lf'] ? text : text.replaceAll('\r', '\n')
  }

  #isIgnored(kind: SectionKind, body: string): boolean {
    return this.#corrections['placeholders-teach-nothing'] && isPlaceholder(kind, body)
  }

  #adviceOf(body: string): string {
    return this.#corrections['advice-returns'] ? unescaped(body) : body
  }
}

/** The section under its heading, or under its alias where that is missing or empty. */
function firstNonEmpty(
  kind: SectionKind,
  find: (name: string) => SectionBody | undefined,
): SectionBody | undefined {
  for (const name of [kind.heading, kind.alias]) {
    const body = find(name)
    if (body !== undefined && body.text !== '') return body
  }
  return undefined
}

function strictSection(
  text: string,
  sections: readonly FileSection[],
  name: string,
): SectionBody | undefined {
  const section = sections.find(({ heading }) => heading === name)
  return section === undefined
    ? undefined
    : { text: trimmed(text.slice(section.at, section.end)), at: section.at }
}

function isPlaceholder(kind: SectionKind, body: string): boolean {
  return PLACEHOLDERS[kind.file].some(
    ({ heading, body: placeholder }) => heading === kind.heading && placeholder === body,
  )
}

const MOST_NOTES = 20

function unknownSections(
  file: MarkdownFile,
  text: string,
  sections: readonly FileSection[],
): string[] {
  const known = new Set(SECTIONS[file].flatMap(({ heading, alias }) => [heading, alias]))
  const others = sections.filter(({ heading }) => !known.has(heading))
  const notes = others
    .slice(0, MOST_NOTES)
    .map(
      ({ heading, top }) =>
        `${file} line ${lineAt(text, top)}: the section "${plain(heading, 80)}" makes no rule`,
    )
  return others.length > MOST_NOTES
    ? [...notes, `${file}: ${others.length - MOST_NOTES} more sections make no rules`]
    : notes
}
