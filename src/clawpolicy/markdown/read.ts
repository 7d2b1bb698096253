import { plain } from '../../base/text.ts'
import type { Corrections } from '../corrections.ts'
import { PLACEHOLDERS } from '../files/provision.ts'
import { boundFile, boundSection, type MarkdownBounds } from './bounds.ts'
import {
  lineAt,
  looseSection,
  sectionsOf,
  trimmed,
  unescaped,
  unixLines,
  type Body,
  type Section,
} from './scan.ts'
import { SECTIONS, type MarkdownFile, type SectionKind } from './sections.ts'

/** A file's known sections by heading, those that say something, and what else it holds. */
export interface ReadMarkdown {
  bodies: Map<string, string>
  notes: string[]
}

export type ReadingCorrections = Pick<
  Corrections,
  'sections-end' | 'placeholders-teach-nothing' | 'advice-returns'
>

/** Throws Fault `input.invalid` with the place where the file or a section is too long. */
export function readMarkdown(
  file: MarkdownFile,
  raw: string,
  corrections: ReadingCorrections,
  bounds: MarkdownBounds,
): ReadMarkdown {
  boundFile(file, raw, bounds)
  const text = unixLines(raw)
  const sections = corrections['sections-end'] ? sectionsOf(text) : undefined
  const bodies = new Map<string, string>()
  for (const kind of SECTIONS[file]) {
    const body =
      sections === undefined
        ? firstOf(kind, (name) => looseSection(text, name))
        : firstOf(kind, (name) => strictSection(text, sections, name))
    if (
      body === undefined ||
      (corrections['placeholders-teach-nothing'] && isPlaceholder(kind, body.text))
    )
      continue
    boundSection(file, kind.heading, text, body, bounds)
    bodies.set(kind.heading, corrections['advice-returns'] ? unescaped(body.text) : body.text)
  }
  return { bodies, notes: sections === undefined ? [] : leftOut(file, text, sections) }
}

/** The section under its heading, or under its alias where that is missing or empty. */
function firstOf(kind: SectionKind, find: (name: string) => Body | undefined): Body | undefined {
  for (const name of [kind.heading, kind.alias]) {
    const body = find(name)
    if (body !== undefined && body.text !== '') return body
  }
  return undefined
}

function strictSection(text: string, sections: readonly Section[], name: string): Body | undefined {
  const section = sections.find(({ heading }) => heading === name)
  return section === undefined
    ? undefined
    : { text: trimmed(text.slice(section.at, section.end)), at: section.at }
}

function isPlaceholder(kind: SectionKind, body: string): boolean {
  return PLACEHOLDERS[kind.file].some(
    ({ heading, body: said }) => heading === kind.heading && said === body,
  )
}

const MOST_NOTES = 20

function leftOut(file: MarkdownFile, text: string, sections: readonly Section[]): string[] {
  const known = new Set(SECTIONS[file].flatMap(({ heading, alias }) => [heading, alias]))
  const others = sections.filter(({ heading }) => !known.has(heading))
  const notes = others
    .slice(0, MOST_NOTES)
    .map(
      ({ heading, top }) =>
        `${file} line ${lineAt(text, top)}: the section "${plain(heading, 80)}" is none that rules are made of`,
    )
  return others.length > MOST_NOTES
    ? [
        ...notes,
        `${file}: ${others.length - MOST_NOTES} more sections are none that rules are made of`,
      ]
    : notes
}
