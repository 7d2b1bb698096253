import { lstat, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { withoutExtras, writePlaybooks, writeRules } from '../../../clawpolicy/files/write.ts'
import { MARKDOWN_BOUNDS } from '../../../clawpolicy/markdown/bounds.ts'
import { MarkdownExporter } from '../../../clawpolicy/markdown/export.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'
import type { Playbook, Rule } from '../../../clawpolicy/types.ts'
import { toPlaybook, toRule } from '../stored.ts'
import type { RuleRecord, StoredPlaybook } from '../types.ts'
import { withDeckKeys } from './deck-keys.ts'
import { MEMORY_FOLDERS, MEMORY_FOLDER, NAMES, readMarkdownIn } from './locate.ts'
import { withFolderLock } from './folder-lock.ts'
import { asOriginalLine } from './log.ts'
import { logLines } from './log-lines.ts'
import type { RuleFileParts } from './parts.ts'
import { writeDraft, removeDrafts, publishDrafts, type DraftFile } from './draft-files.ts'
import type { ExportInput, ExportReport } from './types.ts'

/** The folders that an export writes: of the three policy files, and of the Markdown files. */
export interface ExportTarget {
  policy: string
  markdown: string
}

/** Rules that are written at once. */
const SLICE = 100

/**
 * Writes rules, playbooks and the log as the original ClawPolicy reads them, and Markdown files:
 * all of them or none. Only one export at a time writes to a folder. Faults: `not.possible`,
 * `input.invalid`.
 */
export async function exportFiles(
  parts: RuleFileParts,
  { path, facts = false }: ExportInput,
  actor: string,
): Promise<ExportReport> {
  await parts.learning.usable()
  const target = await exportTarget(path)
  for (const folder of new Set([target.markdown, target.policy])) await makeFolder(folder)
  try {
    return await withFolderLock(target.policy, () => exportTo(parts, target, facts, actor))
  } catch (thrown) {
    throw thrown instanceof Fault || errno(thrown) === undefined
      ? thrown
      : unwritableFault(target.policy, thrown)
  }
}

async function exportTo(
  parts: RuleFileParts,
  target: ExportTarget,
  facts: boolean,
  actor: string,
): Promise<ExportReport> {
  const upTo = parts.journal.head().seq
  const stored = readStored(parts)
  const rules = new Map(
    stored.rules.map((kept): [string, Rule] => [
      kept.rule.id,
      facts ? withDeckKeys(toRule(kept), kept) : toRule(kept),
    ]),
  )
  const playbooks = new Map(
    stored.playbooks.map((one): [string, Playbook] => [one.playbook.id, toPlaybook(one)]),
  )
  const count = { events: 0 }
  const drafts = await writeDrafts(parts, target, {
    rules: facts ? rules : withoutExtras(rules),
    playbooks: facts ? playbooks : withoutExtras(playbooks),
    upTo,
    count,
    facts,
  })
  await publishDrafts(drafts)
  await parts.journal.append(() => [
    {
      type: 'rules.exported',
      actor,
      subject: '',
      body: { path: plain(target.policy), rules: rules.size },
    },
  ])
  return {
    path: target.policy,
    rules: rules.size,
    playbooks: playbooks.size,
    events: count.events,
    files: drafts.map(({ path: written, bytes, sha256 }) => ({
      name: dirname(written) === target.policy ? basename(written) : join('..', basename(written)),
      bytes,
      sha256,
    })),
  }
}

/** All rules, archived ones too, and playbooks, in the order in which they were made. */
function readStored({ store }: RuleFileParts): {
  rules: RuleRecord[]
  playbooks: StoredPlaybook[]
} {
  const rules = store
    .prepare<[], { row: string }>('SELECT row FROM rule ORDER BY rowid')
    .all()
    .map(({ row }) => JSON.parse(row) as RuleRecord)
  const playbooks = new Map<string, StoredPlaybook>()
  const changes = store.prepare<[], { type: string; body: string }>(
    "SELECT type, body FROM event WHERE type IN ('playbook.saved', 'playbook.removed') ORDER BY seq",
  )
  for (const { type, body } of changes.iterate()) {
    const { id, playbook } = JSON.parse(body) as { id?: string; playbook?: StoredPlaybook }
    if (type === 'playbook.saved' && playbook !== undefined)
      playbooks.set(playbook.playbook.id, playbook)
    else playbooks.delete(id ?? '')
  }
  return { rules, playbooks: [...playbooks.values()] }
}

/** What an export writes. `count` is filled in while the log is written. */
interface ExportContents {
  rules: ReadonlyMap<string, Rule>
  playbooks: ReadonlyMap<string, Playbook>
  upTo: number
  count: { events: number }
  facts: boolean
}

async function writeDrafts(
  parts: RuleFileParts,
  target: ExportTarget,
  contents: ExportContents,
): Promise<DraftFile[]> {
  const { rules, playbooks } = contents
  const drafts: DraftFile[] = []
  const yieldIfBusy = parts.yielder()
  try {
    drafts.push(await writeDraft(join(target.policy, NAMES.rules), ruleChunks(rules, yieldIfBusy)))
    drafts.push(await writeDraft(join(target.policy, NAMES.playbooks), [writePlaybooks(playbooks)]))
    drafts.push(
      await writeDraft(join(target.policy, NAMES.events), logChunks(parts, contents, yieldIfBusy)),
    )
    const texts = await markdownTexts(target.markdown, rules)
    for (const file of MARKDOWN_FILES)
      drafts.push(await writeDraft(join(target.markdown, file), [texts[file]]))
    return drafts
  } catch (thrown) {
    await removeDrafts(drafts)
    throw thrown
  }
}

/** The text of `rules.json` in chunks of some rules. */
async function* ruleChunks(
  rules: ReadonlyMap<string, Rule>,
  yieldIfBusy: () => Promise<void>,
): AsyncGenerator<string> {
  const all = [...rules]
  if (all.length === 0) yield writeRules(rules)
  for (let i = 0; i < all.length; i += SLICE) {
    const whole = writeRules(new Map(all.slice(i, i + SLICE)))
    yield `${i === 0 ? '{' : ','}${whole.slice(1, -2)}${i + SLICE < all.length ? '' : '\n}'}`
    await yieldIfBusy()
  }
}

async function* logChunks(
  { store }: RuleFileParts,
  { upTo, count, facts }: ExportContents,
  yieldIfBusy: () => Promise<void>,
): AsyncGenerator<string> {
  for await (const lines of logLines(store, upTo, yieldIfBusy)) {
    count.events += lines.length
    yield facts
      ? lines.join('')
      : lines.map((line) => `${asOriginalLine(line.slice(0, -1))}\n`).join('')
  }
}

async function markdownTexts(
  folder: string,
  rules: ReadonlyMap<string, Rule>,
): Promise<Record<MarkdownFile, string>> {
  const existing = await readMarkdownIn(folder)
  // Advice that is too long to be imported again is written to rules.json only.
  const short = new Map(
    [...rules].map(([id, rule]) => [
      id,
      rule.strategy.length > MARKDOWN_BOUNDS.section ? { ...rule, strategy: '' } : rule,
    ]),
  )
  return new MarkdownExporter().export(short, existing)
}

/**
 * A project, which is a folder with a `.clawpolicy` or a git repository in it, and a `.clawpolicy`
 * itself are exported to their policy folder, with Markdown next to it. Any other path is the
 * policy folder itself, and holds the Markdown too.
 */
export async function exportTarget(path: string): Promise<ExportTarget> {
  if (MEMORY_FOLDERS.includes(basename(path))) return inMemory(path)
  if (await isProject(path)) return inMemory(join(path, MEMORY_FOLDER))
  return {
    policy: path,
    markdown: MEMORY_FOLDERS.includes(basename(dirname(path))) ? dirname(path) : path,
  }
}

function inMemory(folder: string): ExportTarget {
  return { policy: join(folder, 'policy'), markdown: folder }
}

async function isProject(path: string): Promise<boolean> {
  return (
    (await isFolder(join(path, MEMORY_FOLDER))) ||
    lstat(join(path, '.git')).then(
      () => true,
      () => false,
    )
  )
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
}

/** Makes a folder. A link to one is refused. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unwritableFault(path, cause)
  }
  if (!(await isFolder(path)))
    throw new Fault('not.possible', `${plain(path)} is a link or not a folder`, {
      hint: 'Give the folder itself. Nothing was written.',
    })
}

function unwritableFault(path: string, cause: unknown): Fault {
  const full = errno(cause) === 'ENOSPC' || errno(cause) === 'EDQUOT'
  return new Fault(
    'not.possible',
    `the files cannot be written to ${plain(path)}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
      hint: full
        ? 'Free disk space. Nothing was changed.'
        : 'Check who owns the folder. Nothing was changed.',
    },
  )
}
