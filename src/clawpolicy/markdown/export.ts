import { CORRECTED, type Corrections } from '../corrections.ts'
import { PLACEHOLDERS, templateText } from '../files/provision.ts'
import { normalizeText } from '../text.ts'
import type { Rule } from '../types.ts'
import { MARKDOWN_BOUNDS, checkFileLength, type MarkdownBounds } from './bounds.ts'
import { escaped, sectionsOf, trimmed, unixLines } from './scan.ts'
import {
  MARKDOWN_FILES,
  SECTIONS,
  markdownText,
  sectionText,
  type MarkdownFile,
  type SectionKind,
} from './sections.ts'

/** The texts of files that exist; one that does not is left out. */
type ExistingMarkdown = Partial<Record<MarkdownFile, string | undefined>>

/** Writes rules into Markdown files. */
export class MarkdownExporter {
  readonly #corrections: Corrections
  readonly #bounds: MarkdownBounds

  constructor(corrections: Corrections = CORRECTED, bounds: MarkdownBounds = MARKDOWN_BOUNDS) {
    this.#corrections = corrections
    this.#bounds = bounds
  }

  /**
   * The texts of the three files. Where `advice-returns` is corrected, whatever an existing file
   * says besides the rules stays. Throws Fault `input.invalid` where an existing file is too long.
   */
  export(
    rules: ReadonlyMap<string, Rule>,
    existing: ExistingMarkdown = {},
  ): Record<MarkdownFile, string> {
    const texts = MARKDOWN_FILES.map((file) => [file, this.exportFile(file, rules, existing[file])])
    return Object.fromEntries(texts) as Record<MarkdownFile, string>
  }

  /** The text of one file. Throws as `export`. */
  exportFile(file: MarkdownFile, rules: ReadonlyMap<string, Rule>, existing?: string): string {
    if (file === 'SOUL.md' && !this.#corrections['soul-returns']) return templateText(file)
    const advice = new Map(
      SECTIONS[file].map((kind) => [kind.heading, this.#adviceFor(kind, rules)]),
    )
    if (!this.#corrections['advice-returns'] || existing === undefined || trimmed(existing) === '')
      return fresh(file, advice)
    checkFileLength(file, existing, this.#bounds)
    return writtenInto(unixLines(existing), SECTIONS[file], advice)
  }

  /**
   * What a section should say, by the first rule that is about it; undefined if none is, or if it
   * says nothing.
   */
  #adviceFor(kind: SectionKind, rules: ReadonlyMap<string, Rule>): string | undefined {
    if (!this.#corrections['advice-returns']) {
      const rule = firstAbout(kind, rules)
      return rule === undefined ? undefined : bulleted(trimmed(rule.strategy))
    }
    const strategy = trimmed(ownRule(kind, rules)?.strategy ?? '')
    return strategy === '' ? undefined : escaped(unixLines(strategy))
  }
}

function fresh(file: MarkdownFile, advice: ReadonlyMap<string, string | undefined>): string {
  return markdownText(
    file,
    PLACEHOLDERS[file].map(({ heading, body }) => ({ heading, body: advice.get(heading) ?? body })),
  )
}

/** The first rule whose summary contains a name of the section. */
function firstAbout(kind: SectionKind, rules: ReadonlyMap<string, Rule>): Rule | undefined {
  return [...rules.values()].find(({ summary }) => {
    const lower = summary.toLowerCase()
    return kind.names.some((name) => lower.includes(name))
  })
}

/**
 * The rule that was made of the section, else one of the same name: not every rule in whose summary
 * that name occurs.
 */
function ownRule(kind: SectionKind, rules: ReadonlyMap<string, Rule>): Rule | undefined {
  return (
    rules.get(kind.stem) ??
    [...rules.values()].find(({ summary }) => kind.names.includes(normalizeText(summary)))
  )
}

function bulleted(strategy: string): string {
  if (strategy.startsWith('-') || strategy.includes('\n-')) return strategy
  const lines = strategy
    .split('\n')
    .map(trimmed)
    .filter((line) => line !== '')
  return lines.map((line) => (line.startsWith('-') ? line : `- ${line}`)).join('\n')
}

/** A file with the advice in its sections: each in its place, or at the end; all else is kept. */
function writtenInto(
  text: string,
  kinds: readonly SectionKind[],
  advice: ReadonlyMap<string, string | undefined>,
): string {
  const sections = sectionsOf(text)
  const parts: string[] = []
  let from = 0
  const missing: string[] = []
  const places = kinds.flatMap((kind) => {
    const body = advice.get(kind.heading)
    if (body === undefined) return []
    const place =
      sections.find(({ heading }) => heading === kind.heading) ??
      sections.find(({ heading }) => heading === kind.alias)
    if (place === undefined) missing.push(sectionText(kind.heading, body))
    return place === undefined ? [] : [{ place, body }]
  })
  for (const { place, body } of places.sort((a, b) => a.place.at - b.place.at)) {
    const head = text.slice(from, place.at)
    const last = place.end === text.length
    parts.push(head.endsWith('\n') ? head : `${head}\n`, `\n${body}\n${last ? '' : '\n'}`)
    from = place.end
  }
  const whole = parts.join('') + text.slice(from)
  return missing.length === 0
    ? whole
    : (whole.endsWith('\n') ? whole : `${whole}\n`) + missing.join('')
}
