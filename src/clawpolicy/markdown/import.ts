import { CORRECTED, type Corrections } from '../corrections.ts'
import { newEvent, newPlaybook, newRule, rehashed, revised } from '../files/records.ts'
import { compact } from '../text.ts'
import { isoTimestamp } from '../times.ts'
import type { Playbook, PolicyEvent, Rule } from '../types.ts'
import { MARKDOWN_BOUNDS, type MarkdownBounds } from './bounds.ts'
import { MarkdownReader } from './read.ts'
import { ANY_LINE_BREAK, firstContentLine } from './scan.ts'
import {
  MARKDOWN_FILES,
  SECTIONS,
  SOUL_SECTIONS,
  type MarkdownFile,
  type SectionKind,
} from './sections.ts'

/** The files' texts; one that is missing is left out. */
export type MarkdownTexts = Partial<Record<MarkdownFile, string | undefined>>

interface PolicyAssets {
  readonly rules: ReadonlyMap<string, Rule>
  readonly playbooks: ReadonlyMap<string, Playbook>
}

/** What is stored after the import, the events of what it made, and notes for the caller. */
interface MarkdownImport {
  rules: Map<string, Rule>
  playbooks: Map<string, Playbook>
  events: PolicyEvent[]
  notes: string[]
}

/** The bodies of a file's sections by heading. */
interface SectionTexts {
  file: MarkdownFile
  bodies: ReadonlyMap<string, string>
}

/** The time of an import: for ids, in seconds, and for events. */
interface ImportTime {
  seconds: string
  timestamp: string
}

const SOUL_ID = 'playbook_safety'
/** How many code points of a summary the event of an import shows. */
const RULE_SUMMARY = 120
const PLAYBOOK_SUMMARY = 180

/** Makes rules, a playbook and their events of Markdown files. */
export class MarkdownImporter {
  readonly #corrections: Corrections
  readonly #reader: MarkdownReader

  constructor(corrections: Corrections = CORRECTED, bounds: MarkdownBounds = MARKDOWN_BOUNDS) {
    this.#corrections = corrections
    this.#reader = new MarkdownReader(corrections, bounds)
  }

  /**
   * `now` in microseconds since 1970. Throws Fault `input.invalid` with the place; all or nothing.
   */
  import(texts: MarkdownTexts, assets: PolicyAssets, now: number): MarkdownImport {
    const made: MarkdownImport = {
      rules: new Map(assets.rules),
      playbooks: new Map(assets.playbooks),
      events: [],
      notes: [],
    }
    const at = this.#timeOf(now)
    for (const file of MARKDOWN_FILES) {
      const text = texts[file]
      if (text === undefined) continue
      const { bodies, notes } = this.#reader.read(file, text)
      made.notes.push(...notes)
      if (file === 'SOUL.md') this.#importSoul(made, { file, bodies }, at)
      else this.#importRules(made, { file, bodies }, at)
    }
    return made
  }

  #timeOf(now: number): ImportTime {
    const seconds = String(Math.floor(now / 1_000_000))
    const timestamp = this.#corrections['imports-say-once'] ? isoTimestamp(now) : seconds
    return { seconds, timestamp }
  }

  #importRules(made: MarkdownImport, section: SectionTexts, at: ImportTime): void {
    const changed = this.#putRules(made, section, at)
    const created = (rule: Rule) =>
      importedEvent('rule_created', rule, RULE_SUMMARY, { ...section, at })
    if (this.#corrections['imports-say-once']) made.events.push(...changed)
    else made.events.push(...[...made.rules.values()].map(created))
  }

  /** Stores the rules of a file's sections. The events of those that are new or changed. */
  #putRules(made: MarkdownImport, { file, bodies }: SectionTexts, at: ImportTime): PolicyEvent[] {
    return SECTIONS[file].flatMap((kind) => {
      const body = bodies.get(kind.heading)
      if (body === undefined) return []
      const before = made.rules.get(kind.stem)
      const rule = this.#ruleOf(kind, body, before, at)
      made.rules.set(kind.stem, rule)
      if (rule === before) return []
      const type = before === undefined ? 'rule_created' : 'rule_updated'
      return [importedEvent(type, rule, RULE_SUMMARY, { file, at })]
    })
  }

  /**
   * The rule of a section. Where keys are ids, a known rule keeps what it learned; unchanged, it is
   * the same object.
   */
  #ruleOf(kind: SectionKind, strategy: string, before: Rule | undefined, at: ImportTime): Rule {
    const keysAreIds = this.#corrections['keys-are-ids']
    if (keysAreIds && before !== undefined) {
      return before.id === kind.stem && before.strategy === strategy
        ? before
        : rehashed(revised(before, { id: kind.stem, strategy }))
    }
    const { stem, summary, category, confidence, trigger } = kind
    return newRule({
      id: keysAreIds ? stem : `${stem}_${at.seconds}`,
      summary,
      category,
      confidence,
      trigger,
      strategy,
    })
  }

  #importSoul(made: MarkdownImport, section: SectionTexts, at: ImportTime): void {
    const { bodies } = section
    if (this.#corrections['placeholders-teach-nothing'] && bodies.size === 0) return
    if (this.#corrections['soul-returns']) made.events.push(...this.#putRules(made, section, at))
    const playbook = this.#soulPlaybook(made, bodies, at)
    const before = made.playbooks.get(playbook.id)
    if (this.#corrections['imports-say-once'] && before?.asset_id === playbook.asset_id) return
    const kept = before?.extra === undefined ? playbook : { ...playbook, extra: before.extra }
    made.playbooks.set(playbook.id, kept)
    made.events.push(
      importedEvent('playbook_created', playbook, PLAYBOOK_SUMMARY, { file: 'SOUL.md', at }),
    )
  }

  #soulPlaybook(
    made: MarkdownImport,
    bodies: ReadonlyMap<string, string>,
    at: ImportTime,
  ): Playbook {
    const lineBreak = this.#corrections['lines-end-with-lf'] ? '\n' : ANY_LINE_BREAK
    const present = SOUL_SECTIONS.filter(({ heading }) => bodies.has(heading))
    const lines = present.map(({ label, heading }) => {
      const line = firstContentLine(bodies.get(heading) as string, lineBreak)
      return `${label}: ${line}`
    })
    const summary = compact(lines.join(' | '), 220)
    return newPlaybook({
      id: this.#corrections['keys-are-ids'] ? SOUL_ID : `${SOUL_ID}_${at.seconds}`,
      category: 'harden',
      confidence: 0.9,
      summary: summary === '' ? 'Safety boundary and core principles' : summary,
      rules_used: this.#corrections['soul-returns']
        ? present.map(({ stem }) => made.rules.get(stem)?.id ?? stem)
        : [],
      trigger: [
        'safety_check',
        'boundary_validation',
        ...present.map(({ signal }) => signal),
      ].sort(),
    })
  }
}

function importedEvent(
  event_type: string,
  { asset_id, summary }: { asset_id: string; summary: string },
  width: number,
  { file, at }: { file: MarkdownFile; at: ImportTime },
): PolicyEvent {
  return newEvent({
    timestamp: at.timestamp,
    event_type,
    asset_id,
    changes: `Migrated from ${file}: ${compact(summary, width)}`,
    source_node_id: 'md_migration',
  })
}
