import type { Corrections } from '../corrections.ts'
import { PLACEHOLDERS, templateText } from '../files/provision.ts'
import { normalizeText } from '../text.ts'
import type { Rule } from '../types.ts'
import { MARKDOWN_BOUNDS, boundFile, type MarkdownBounds } from './bounds.ts'
import { escaped, sectionsOf, trimmed, unixLines } from './scan.ts'
import {
  MARKDOWN_FILES,
  SECTIONS,
  documentText,
  sectionText,
  type MarkdownFile,
  type SectionKind,
} from './sections.ts'

export type ExportCorrections = Pick<Corrections, 'advice-returns' | 'soul-returns'>

export interface ExportOptions {
  corrections: ExportCorrections
  /** What the files say now. Where advice returns, everything in them that no rule holds stays as it is. */
  existing?: Partial<Record<MarkdownFile, string | undefined>>
  bounds?: MarkdownBounds
}

/** The texts of the three files. Throws Fault `input.invalid` where an existing one is too long. */
export function exportMarkdown(
  rules: ReadonlyMap<string, Rule>,
  { corrections, existing = {}, bounds = MARKDOWN_BOUNDS }: ExportOptions,
): Record<MarkdownFile, string> {
  const texts = MARKDOWN_FILES.map((file): [MarkdownFile, string] => {
    if (file === 'SOUL.md' && !corrections['soul-returns']) return [file, templateText(file)]
    const advice = new Map(
      SECTIONS[file].map((kind) => [kind.heading, adviceFor(kind, rules, corrections)]),
    )
    const before = existing[file]
    if (!corrections['advice-returns'] || before === undefined || trimmed(before) === '')
      return [file, fresh(file, advice)]
    boundFile(file, before, bounds)
    return [file, writtenInto(unixLines(before), SECTIONS[file], advice)]
  })
  return Object.fromEntries(texts) as Record<MarkdownFile, string>
}

function fresh(file: MarkdownFile, advice: ReadonlyMap<string, string | undefined>): string {
  return documentText(
    file,
    PLACEHOLDERS[file].map(({ heading, body }) => ({ heading, body: advice.get(heading) ?? body })),
  )
}

/** What a section should say, by the first rule that is about it; undefined if none is, or it says nothing. */
function adviceFor(
  kind: SectionKind,
  rules: ReadonlyMap<string, Rule>,
  corrections: ExportCorrections,
): string | undefined {
  const rule = corrections['advice-returns']
    ? ownRule(kind, rules)
    : [...rules.values()].find(({ summary }) => isAbout(kind, summary))
  const strategy = trimmed(rule?.strategy ?? '')
  if (strategy === '') return undefined
  return corrections['advice-returns'] ? escaped(unixLines(strategy)) : bulleted(strategy)
}

function isAbout(kind: SectionKind, summary: string): boolean {
  const lower = summary.toLowerCase()
  return kind.names.some((name) => lower.includes(name))
}

/** The rule that was made of the section, else one of the same name: not every rule in whose summary that name occurs. */
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
    const said = advice.get(kind.heading)
    if (said === undefined) return []
    const place =
      sections.find(({ heading }) => heading === kind.heading) ??
      sections.find(({ heading }) => heading === kind.alias)
    if (place === undefined) missing.push(sectionText(kind.heading, said))
    return place === undefined ? [] : [{ place, said }]
  })
  for (const { place, said } of places.sort((a, b) => a.place.at - b.place.at)) {
    const head = text.slice(from, place.at)
    const last = place.end === text.length
    parts.push(head.endsWith('\n') ? head : `${head}\n`, `\n${said}\n${last ? '' : '\n'}`)
    from = place.end
  }
  const whole = parts.join('') + text.slice(from)
  return missing.length === 0
    ? whole
    : (whole.endsWith('\n') ? whole : `${whole}\n`) + missing.join('')
}
