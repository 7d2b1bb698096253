import { lstat, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { withoutExtras, writePlaybooks, writeRules } from '../../../clawpolicy/files/write.ts'
import { MARKDOWN_BOUNDS } from '../../../clawpolicy/markdown/bounds.ts'
import { MarkdownExporter } from '../../../clawpolicy/markdown/export.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'
import type { Playbook, Rule } from '../../../clawpolicy/types.ts'
import { playbookOf, ruleOf } from '../stored.ts'
import type { KeptRule, StoredPlaybook } from '../types.ts'
import { withFacts } from './facts.ts'
import { MEMORIES, MEMORY, NAMES, readMarkdownIn } from './locate.ts'
import { withLock } from './lock.ts'
import { plainLine } from './log.ts'
import { pastLines } from './past.ts'
import type { FilesParts } from './parts.ts'
import { draftFile, dropDrafts, placeAll, type Drafted } from './write.ts'
import type { ExportInput, ExportReport } from './types.ts'

/** Where an export goes: the three policy files, and the Markdown. */
export interface Target {
  policy: string
  markdown: string
}

const SLICE = 100

/**
 * Writes rules, playbooks and the log as the original ClawPolicy reads them, and Markdown beside:
 * all files or none. One export at a time into a folder. Faults: `not.possible`, `input.invalid`.
 */
export async function exportFiles(
  parts: FilesParts,
  { path, facts = false }: ExportInput,
  actor: string,
): Promise<ExportReport> {
  await parts.learning.usable()
  const target = await targetAt(path)
  for (const folder of new Set([target.markdown, target.policy])) await makeFolder(folder)
  try {
    return await withLock(target.policy, () => exportTo(parts, target, facts, actor))
  } catch (thrown) {
    throw thrown instanceof Fault || errno(thrown) === undefined
      ? thrown
      : unwritable(target.policy, thrown)
  }
}

async function exportTo(
  parts: FilesParts,
  target: Target,
  facts: boolean,
  actor: string,
): Promise<ExportReport> {
  const upTo = parts.journal.head().seq
  const stored = storedHere(parts)
  const rules = new Map(
    stored.rules.map((kept): [string, Rule] => [
      kept.rule.id,
      facts ? withFacts(ruleOf(kept), kept) : ruleOf(kept),
    ]),
  )
  const playbooks = new Map(
    stored.playbooks.map((one): [string, Playbook] => [one.playbook.id, playbookOf(one)]),
  )
  const count = { events: 0 }
  const drafts = await draftAll(parts, target, {
    rules: facts ? rules : withoutExtras(rules),
    playbooks: facts ? playbooks : withoutExtras(playbooks),
    upTo,
    count,
    facts,
  })
  await placeAll(drafts)
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

/** What the tables hold, in the order in which it was made; archived rules too. */
function storedHere({ store }: FilesParts): { rules: KeptRule[]; playbooks: StoredPlaybook[] } {
  const rules = store
    .prepare<[], { row: string }>('SELECT row FROM rule ORDER BY rowid')
    .all()
    .map(({ row }) => JSON.parse(row) as KeptRule)
  const playbooks = new Map<string, StoredPlaybook>()
  const told = store.prepare<[], { type: string; body: string }>(
    "SELECT type, body FROM event WHERE type IN ('playbook.saved', 'playbook.removed') ORDER BY seq",
  )
  for (const { type, body } of told.iterate()) {
    const { id, playbook } = JSON.parse(body) as { id?: string; playbook?: StoredPlaybook }
    if (type === 'playbook.saved' && playbook !== undefined)
      playbooks.set(playbook.playbook.id, playbook)
    else playbooks.delete(id ?? '')
  }
  return { rules, playbooks: [...playbooks.values()] }
}

interface Contents {
  rules: ReadonlyMap<string, Rule>
  playbooks: ReadonlyMap<string, Playbook>
  upTo: number
  count: { events: number }
  facts: boolean
}

async function draftAll(parts: FilesParts, target: Target, contents: Contents): Promise<Drafted[]> {
  const { rules, playbooks } = contents
  const drafts: Drafted[] = []
  const breathe = parts.yielder()
  try {
    drafts.push(await draftFile(join(target.policy, NAMES.rules), ruleChunks(rules, breathe)))
    drafts.push(await draftFile(join(target.policy, NAMES.playbooks), [writePlaybooks(playbooks)]))
    drafts.push(
      await draftFile(join(target.policy, NAMES.events), logChunks(parts, contents, breathe)),
    )
    const texts = await markdownTexts(target.markdown, rules)
    for (const file of MARKDOWN_FILES)
      drafts.push(await draftFile(join(target.markdown, file), [texts[file]]))
    return drafts
  } catch (thrown) {
    await dropDrafts(drafts)
    throw thrown
  }
}

/** The text of `rules.json`, some rules at a time. */
async function* ruleChunks(
  rules: ReadonlyMap<string, Rule>,
  breathe: () => Promise<void>,
): AsyncGenerator<string> {
  const all = [...rules]
  if (all.length === 0) yield writeRules(rules)
  for (let i = 0; i < all.length; i += SLICE) {
    const whole = writeRules(new Map(all.slice(i, i + SLICE)))
    yield `${i === 0 ? '{' : ','}${whole.slice(1, -2)}${i + SLICE < all.length ? '' : '\n}'}`
    await breathe()
  }
}

async function* logChunks(
  { store }: FilesParts,
  { upTo, count, facts }: Contents,
  breathe: () => Promise<void>,
): AsyncGenerator<string> {
  for await (const lines of pastLines(store, upTo, breathe)) {
    count.events += lines.length
    yield facts ? lines.join('') : lines.map((line) => `${plainLine(line.slice(0, -1))}\n`).join('')
  }
}

async function markdownTexts(
  folder: string,
  rules: ReadonlyMap<string, Rule>,
): Promise<Record<MarkdownFile, string>> {
  const existing = await readMarkdownIn(folder)
  // Advice that is longer than an import takes stays in rules.json alone.
  const short = new Map(
    [...rules].map(([id, rule]) => [
      id,
      rule.strategy.length > MARKDOWN_BOUNDS.section ? { ...rule, strategy: '' } : rule,
    ]),
  )
  return new MarkdownExporter().export(short, existing)
}

/**
 * A path is the policy folder itself, unless it is named `.clawpolicy` or is a project, which holds
 * one or a repository. Markdown goes beside a policy folder that lies in a `.clawpolicy`, and into
 * any other folder itself.
 */
export async function targetAt(path: string): Promise<Target> {
  const memory = MEMORIES.includes(basename(path))
    ? path
    : (await isProject(path))
      ? join(path, MEMORY)
      : undefined
  if (memory !== undefined) return { policy: join(memory, 'policy'), markdown: memory }
  return {
    policy: path,
    markdown: MEMORIES.includes(basename(dirname(path))) ? dirname(path) : path,
  }
}

async function isProject(path: string): Promise<boolean> {
  return (
    (await isFolder(join(path, MEMORY))) ||
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

/** A folder of its own, not one that a link leads to. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unwritable(path, cause)
  }
  if (!(await isFolder(path)))
    throw new Fault('not.possible', `${plain(path)} is a link or no folder`, {
      hint: 'Give the folder itself; nothing was written.',
    })
}

function unwritable(path: string, cause: unknown): Fault {
  const full = errno(cause) === 'ENOSPC' || errno(cause) === 'EDQUOT'
  return new Fault(
    'not.possible',
    `the files cannot be written to ${plain(path)}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
      hint: full
        ? 'Free disk space; what was there is as it was.'
        : 'Check who owns the folder; what was there is as it was.',
    },
  )
}
