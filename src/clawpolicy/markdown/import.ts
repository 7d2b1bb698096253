import type { Corrections } from '../corrections.ts'
import { newEvent, newPlaybook, newRule, rehashed, revised } from '../files/records.ts'
import { compact } from '../text.ts'
import { isoTimestamp } from '../times.ts'
import type { Playbook, PolicyEvent, Rule } from '../types.ts'
import { MARKDOWN_BOUNDS, type MarkdownBounds } from './bounds.ts'
import { readMarkdown } from './read.ts'
import { trimmed } from './scan.ts'
import {
  AGENTS_SECTIONS,
  MARKDOWN_FILES,
  SOUL_SECTIONS,
  USER_SECTIONS,
  type MarkdownFile,
  type SectionKind,
} from './sections.ts'

/** The files' texts; one that is missing is left out. */
export type MarkdownTexts = Partial<Record<MarkdownFile, string | undefined>>

/** The corrections that Markdown asks for. */
export type MarkdownCorrections = Pick<
  Corrections,
  | 'sections-end'
  | 'keys-are-ids'
  | 'placeholders-teach-nothing'
  | 'advice-returns'
  | 'imports-say-once'
  | 'soul-returns'
>

export interface PolicyAssets {
  readonly rules: ReadonlyMap<string, Rule>
  readonly playbooks: ReadonlyMap<string, Playbook>
}

/** What the stores hold after the import, the events that tell of it, and what is to be said to whoever asked. */
export interface MarkdownImport {
  rules: Map<string, Rule>
  playbooks: Map<string, Playbook>
  events: PolicyEvent[]
  notes: string[]
}

export interface ImportOptions {
  /** Microseconds since 1970. */
  now: number
  corrections: MarkdownCorrections
  bounds?: MarkdownBounds
}

/** Makes rules, a playbook and their events of the Markdown files. Throws Fault `input.invalid` with the place; all or nothing. */
export function importMarkdown(
  texts: MarkdownTexts,
  assets: PolicyAssets,
  { now, corrections, bounds = MARKDOWN_BOUNDS }: ImportOptions,
): MarkdownImport {
  const made: MarkdownImport = {
    rules: new Map(assets.rules),
    playbooks: new Map(assets.playbooks),
    events: [],
    notes: [],
  }
  const at = moment(now, corrections)
  for (const file of MARKDOWN_FILES) {
    const text = texts[file]
    if (text === undefined) continue
    const read = readMarkdown(file, text, corrections, bounds)
    made.notes.push(...read.notes)
    if (file === 'SOUL.md') importSoul(made, read.bodies, at, corrections)
    else
      importRules(
        made,
        file === 'USER.md' ? USER_SECTIONS : AGENTS_SECTIONS,
        file,
        read.bodies,
        at,
        corrections,
      )
  }
  return made
}

/** The time of an import: of its ids, in seconds, and of its events. */
interface Moment {
  seconds: string
  timestamp: string
}

function moment(now: number, corrections: MarkdownCorrections): Moment {
  const seconds = String(Math.floor(now / 1_000_000))
  return { seconds, timestamp: corrections['imports-say-once'] ? isoTimestamp(now) : seconds }
}

function importRules(
  made: MarkdownImport,
  kinds: readonly SectionKind[],
  file: MarkdownFile,
  bodies: ReadonlyMap<string, string>,
  at: Moment,
  corrections: MarkdownCorrections,
): void {
  for (const kind of kinds) {
    const body = bodies.get(kind.heading)
    if (body === undefined) continue
    const before = made.rules.get(kind.stem)
    const rule = ruleOf(kind, body, before, at, corrections)
    made.rules.set(kind.stem, rule)
    if (corrections['imports-say-once'] && rule !== before)
      made.events.push(
        told(before === undefined ? 'rule_created' : 'rule_updated', rule, file, 120, at),
      )
  }
  if (!corrections['imports-say-once'])
    for (const rule of made.rules.values())
      made.events.push(told('rule_created', rule, file, 120, at))
}

/** The rule of a section. Where keys are ids, one that exists keeps what it has learned; unchanged, it is the same object. */
function ruleOf(
  kind: SectionKind,
  strategy: string,
  before: Rule | undefined,
  at: Moment,
  corrections: MarkdownCorrections,
): Rule {
  if (corrections['keys-are-ids'] && before !== undefined) {
    return before.id === kind.stem && before.strategy === strategy
      ? before
      : rehashed(revised(before, { id: kind.stem, strategy }))
  }
  const { stem, summary, category, confidence, trigger } = kind
  return newRule({
    id: corrections['keys-are-ids'] ? stem : `${stem}_${at.seconds}`,
    summary,
    category,
    confidence,
    trigger,
    strategy,
  })
}

const SOUL_STEM = 'playbook_safety'

function importSoul(
  made: MarkdownImport,
  bodies: ReadonlyMap<string, string>,
  at: Moment,
  corrections: MarkdownCorrections,
): void {
  if (corrections['placeholders-teach-nothing'] && bodies.size === 0) return
  if (corrections['soul-returns'])
    importRules(made, SOUL_SECTIONS, 'SOUL.md', bodies, at, {
      ...corrections,
      'imports-say-once': true,
    })
  const id = corrections['keys-are-ids'] ? SOUL_STEM : `${SOUL_STEM}_${at.seconds}`
  const said = SOUL_SECTIONS.filter(({ heading }) => bodies.has(heading))
  const summary = compact(
    said
      .map(({ label, heading }) => `${label}: ${firstLine(bodies.get(heading) as string)}`)
      .join(' | '),
    220,
  )
  const playbook = newPlaybook({
    id,
    category: 'harden',
    confidence: 0.9,
    summary: summary === '' ? 'Safety boundary and core principles' : summary,
    rules_used: corrections['soul-returns']
      ? said.map(({ stem }) => made.rules.get(stem)?.id ?? stem)
      : [],
    trigger: ['safety_check', 'boundary_validation', ...said.map(({ signal }) => signal)].sort(),
  })
  const before = made.playbooks.get(id)
  if (corrections['imports-say-once'] && before?.asset_id === playbook.asset_id) return
  made.playbooks.set(
    id,
    before?.extra === undefined ? playbook : { ...playbook, extra: before.extra },
  )
  made.events.push(told('playbook_created', playbook, 'SOUL.md', 180, at))
}

function firstLine(body: string): string {
  const feed = body.indexOf('\n')
  const line = trimmed(feed < 0 ? body : body.slice(0, feed))
  return line.startsWith('- ') ? line.slice(2) : line
}

function told(
  event_type: string,
  asset: { asset_id: string; summary: string },
  file: MarkdownFile,
  width: number,
  at: Moment,
): PolicyEvent {
  return newEvent({
    timestamp: at.timestamp,
    event_type,
    asset_id: asset.asset_id,
    changes: `Migrated from ${file}: ${compact(asset.summary, width)}`,
    source_node_id: 'md_migration',
  })
}
