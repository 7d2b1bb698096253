import { canonical } from '../../../base/canonical.ts'
import { plain } from '../../../base/text.ts'
import type { Draft } from '../../../journal/types.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import { toRule } from '../stored.ts'
import type { RuleRecord, RuleOutcome, StoredPlaybook, StoredRule } from '../types.ts'
import type { ExistingState } from './existing-state.ts'
import { importDraft } from './import-draft.ts'
import { importNotes } from './import-notes.ts'
import { adviceOf } from './markdown-advice.ts'
import type { PolicyFiles } from './policy-files.ts'
import { sanitized } from './sanitize.ts'
import type { ImportInput, ImportReport } from './types.ts'

/** What an import would append, and its report. */
export interface ImportPlan {
  report: ImportReport
  drafts: Draft[]
}

export interface ImportContext {
  files: PolicyFiles
  input: ImportInput
  actor: string
  now: number
  /** Lines of the files' log that the deck does not have. */
  newLines: string[]
  existing: ExistingState
  yieldIfBusy: () => Promise<void>
}

/** Characters of lines in one event. */
const CHUNK = 256 * 1024

/** What an import would change. Changes nothing. */
export async function planImport(context: ImportContext): Promise<ImportPlan> {
  const { files, input, now, existing, yieldIfBusy } = context
  const plan: ImportPlan = { report: emptyReport(files, input), drafts: [] }
  const advice = adviceOf(files, existing, now * 1000)
  plan.report.notes.push(...advice.notes)
  const advised = new Set(advice.rules.map(({ rule }) => rule.id))
  for (const [id, { stored, hasDeckKeys }] of files.rules) {
    if (!advised.has(id)) planRule(plan, stored, { ...context, hasDeckKeys })
    await yieldIfBusy()
  }
  for (const stored of advice.rules) {
    const isInFiles = files.rules.has(stored.rule.id)
    const adviceInput = isInFiles ? input : { ...input, replace: true }
    planRule(plan, stored, { ...context, input: adviceInput, hasDeckKeys: false })
  }
  for (const stored of [...files.playbooks.values(), ...advice.playbooks])
    planPlaybook(plan, stored, context)
  plan.report.notes.push(...notesOn(plan, context))
  planLines(plan, [...context.newLines, ...advice.lines], context)
  return plan
}

function emptyReport(
  { source, found, notes }: PolicyFiles,
  { dryRun = false }: ImportInput,
): ImportReport {
  return {
    source: plain(source),
    found,
    dryRun,
    rules: { made: 0, changed: 0, same: 0, kept: 0 },
    playbooks: 0,
    events: 0,
    candidates: [],
    conflicts: [],
    notes: [...notes],
  }
}

function notesOn({ report, drafts }: ImportPlan, { input, existing }: ImportContext): string[] {
  return importNotes({
    rules: drafts.flatMap((draft) => (draft.type === 'rule.imported' ? [draft.body.stored] : [])),
    candidates: report.candidates.length,
    isTrusted: input.trust === true,
    isAgent: (name) => existing.isAgent(name),
  })
}

/** The events of the import itself, which carry the lines of the log, come first. */
function planLines(plan: ImportPlan, lines: string[], { actor, files }: ImportContext): void {
  const { report, drafts } = plan
  report.events = lines.length
  if (drafts.length === 0 && lines.length === 0) return
  const { made, changed } = report.rules
  const imports = chunked(lines).map((chunk, i): Draft => ({
    type: 'rules.imported',
    actor,
    subject: '',
    body: {
      source: plain(files.source),
      rules: i === 0 ? made + changed : 0,
      playbooks: i === 0 ? report.playbooks : 0,
      lines: chunk,
    },
  }))
  plan.drafts = [...imports, ...drafts]
}

type RuleContext = ImportContext & { hasDeckKeys: boolean }

function planRule(plan: ImportPlan, read: StoredRule, context: RuleContext): void {
  const { input, now, existing, actor } = context
  const { report } = plan
  const { id } = read.rule
  const before = existing.rule(id)
  const stored =
    input.trust === true ? candidateIfOpposed(plan, read, context) : sanitized(read, now)
  if (before !== undefined && keepsExisting(report, before, { ...context, read, stored })) return
  report.rules[before === undefined ? 'made' : 'changed']++
  if (read.rule.status === 'confirmed' && stored.rule.status !== 'confirmed')
    report.candidates.push(id)
  const outcomes = evidenceFor(stored, context)
  plan.drafts.push(importDraft(actor, { stored, before, because: 'import', outcomes }))
}

/** A rule as it was read, and as it would be stored. */
interface RuleVersions {
  read: StoredRule
  stored: StoredRule
}

/** Whether an existing rule stays: it is the same, or it differs and is not to be replaced. */
function keepsExisting(
  report: ImportReport,
  before: RuleRecord,
  { read, stored, hasDeckKeys, input }: RuleVersions & RuleContext,
): boolean {
  if (isSame(before, read, hasDeckKeys) || isSame(before, stored, false)) {
    report.rules.same++
    return true
  }
  if (input.replace === true) return false
  const differs = differences(before, stored, hasDeckKeys)
  report.conflicts.push({ id: before.rule.id, differs })
  if (input.keep === true) report.rules.kept++
  return true
}

/** What the files' log says of a rule. For a rule that allows, only if the files are trusted. */
function evidenceFor(stored: StoredRule, { files: { log }, input }: ImportContext): RuleOutcome[] {
  const isTrusted = input.trust === true || stored.rule.policy_decision !== AUTO
  return log === undefined || !isTrusted ? [] : log.outcomes.of(toRule(stored))
}

/** A confirmed rule that allows becomes a candidate where a confirmed rule of the deck asks. */
function candidateIfOpposed(
  { report }: ImportPlan,
  stored: StoredRule,
  { files, existing, now }: ImportContext,
): StoredRule {
  if (stored.rule.status !== 'confirmed' || stored.rule.policy_decision !== AUTO) return stored
  const rivals = existing.rivals(stored).filter((id) => !files.rules.has(id))
  if (rivals.length === 0) return stored
  const names = rivals.map((id) => plain(id)).join(', ')
  report.notes.push(
    `${plain(stored.rule.id)} contradicts ${names}, which is confirmed here: imported as a candidate`,
  )
  return sanitized(stored, now)
}

function planPlaybook(
  { report, drafts }: ImportPlan,
  stored: StoredPlaybook,
  { input, existing, actor }: ImportContext,
): void {
  const { id } = stored.playbook
  const before = existing.playbook(id)
  if (before !== undefined && canonical(before) === canonical(stored)) return
  if (before !== undefined && input.replace !== true) {
    const fields = ({ playbook, extra }: StoredPlaybook) => ({ ...playbook, extra })
    report.conflicts.push({ id, differs: fieldsThatDiffer(fields(before), fields(stored)) })
    if (input.keep === true) report.rules.kept++
    return
  }
  report.playbooks++
  drafts.push({ type: 'playbook.saved', actor, subject: '', body: { playbook: stored } })
}

/** Compares expiry and author only where the file states them. */
function isSame(existing: StoredRule, read: StoredRule, hasDeckKeys: boolean): boolean {
  return (
    contentOf(existing) === contentOf(read) &&
    (!hasDeckKeys || (existing.expiresAt === read.expiresAt && existing.by === read.by))
  )
}

function contentOf({ rule, extra, kinds }: StoredRule): string {
  return canonical({ rule, extra: extra ?? null, kinds: kinds ?? null })
}

function differences(existing: StoredRule, read: StoredRule, hasDeckKeys: boolean): string[] {
  const fields = ({ rule, extra, kinds, expiresAt, by }: StoredRule) => ({
    ...rule,
    'unknown keys': extra,
    'kinds of numbers': kinds,
    ...(hasDeckKeys ? { expires_at: expiresAt, by } : {}),
  })
  return fieldsThatDiffer(fields(existing), fields(read))
}

function fieldsThatDiffer(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const differ = Object.keys(a).filter(
    (key) => canonical(a[key] ?? null) !== canonical(b[key] ?? null),
  )
  // The asset id is a hash, which differs whenever another field does.
  return differ.length > 1 ? differ.filter((key) => key !== 'asset_id') : differ
}

/** Splits lines into events of a bounded size. Without lines there is one event without any. */
function chunked(lines: readonly string[]): string[][] {
  const chunks: string[][] = [[]]
  let size = 0
  for (const line of lines) {
    size += line.length
    if (size > CHUNK && chunks.at(-1)?.length !== 0) {
      chunks.push([])
      size = line.length
    }
    chunks.at(-1)?.push(line)
  }
  return chunks
}
