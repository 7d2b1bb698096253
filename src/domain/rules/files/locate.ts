import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { readBounded } from '../../../config/files.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'

/** Bytes of a file, by its kind. */
const MAX_BYTES = {
  json: 32 << 20,
  rules: 32 << 20,
  playbooks: 32 << 20,
  events: 64 << 20,
  markdown: 16 << 20,
} as const

/** The text of a file, and its name in messages. */
export interface FileText {
  name: string
  text: string
}

/** The files of a path, by kind. */
export interface LocatedFiles {
  source: string
  rules?: FileText
  playbooks?: FileText
  events?: FileText
  markdown: Partial<Record<MarkdownFile, string>>
  notes: string[]
}

type Kind = 'rules' | 'playbooks' | 'events'
type Names = Record<Kind, string>

export const NAMES: Names = {
  rules: 'rules.json',
  playbooks: 'playbooks.json',
  events: 'policy_events.jsonl',
}

/** Their names in the first releases of ClawPolicy. */
const FIRST_NAMES: Names = {
  rules: 'genes.json',
  playbooks: 'capsules.json',
  events: 'events.jsonl',
}
const KINDS = ['rules', 'playbooks', 'events'] as const

/** The folder that holds everything, by its present and its former name. */
export const MEMORY_FOLDER = '.clawpolicy'
export const MEMORY_FOLDERS: readonly string[] = [MEMORY_FOLDER, '.openclaw_memory']
const POLICY_FOLDERS = ['policy', 'gep']

/** The folders of a policy store: of its three files, and of Markdown. */
interface StorePlace {
  data: string
  markdown: string
  names: Names
}

/**
 * Reads a file, or the files of a policy store. Faults: `not.found`, `input.invalid`,
 * `not.possible`.
 */
export async function locateFiles(path: string): Promise<LocatedFiles> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw unreadableFault(path, cause)
  })
  return facts.isDirectory() ? readFolder(path) : readOne(path)
}

async function readFolder(path: string): Promise<LocatedFiles> {
  const places: StorePlace[] = []
  for (const place of placesIn(path)) if (await exists(place)) places.push(place)
  const [first, ...others] = places
  const found: LocatedFiles = {
    source: first?.data ?? path,
    markdown: {},
    notes: others.map(({ data }) => `${plain(data)} also holds policy files; they were not read`),
  }
  if (first !== undefined) Object.assign(found, await readStore(first))
  for (const folder of first === undefined
    ? [...MEMORY_FOLDERS.map((name) => join(path, name)), path]
    : [first.markdown]) {
    found.markdown = await readMarkdownIn(folder)
    if (Object.keys(found.markdown).length > 0) return found
  }
  if (first !== undefined) return found
  throw new Fault('not.found', `${plain(path)} holds no policy files`, {
    hint: `Give a folder with ${Object.values(NAMES).join(', ')}, one that holds ${MEMORY_FOLDERS.join(' or ')}, or one file.`,
  })
}

async function readStore({ data, names }: StorePlace): Promise<Partial<Record<Kind, FileText>>> {
  const read: Partial<Record<Kind, FileText>> = {}
  for (const kind of KINDS) {
    const text = await readText(join(data, names[kind]), MAX_BYTES[kind], true)
    if (text !== undefined) read[kind] = { name: names[kind], text }
  }
  return read
}

/** The Markdown files of a folder. */
export async function readMarkdownIn(
  folder: string,
): Promise<Partial<Record<MarkdownFile, string>>> {
  const read: Partial<Record<MarkdownFile, string>> = {}
  for (const file of MARKDOWN_FILES) {
    const text = await readText(join(folder, file), MAX_BYTES.markdown, true)
    if (text !== undefined) read[file] = text
  }
  return read
}

/** Where a store may be, at or below a path: the nearest and newest first. */
function placesIn(path: string): StorePlace[] {
  const isInMemory =
    POLICY_FOLDERS.includes(basename(path)) && MEMORY_FOLDERS.includes(basename(dirname(path)))
  const besideData = isInMemory ? dirname(path) : path
  const at = (below: string, names: Names): StorePlace => ({
    data: join(path, below),
    markdown: below === '' ? besideData : join(path, dirname(below)),
    names,
  })
  return [
    at('', NAMES),
    at('policy', NAMES),
    ...MEMORY_FOLDERS.map((memory) => at(join(memory, 'policy'), NAMES)),
    at('', FIRST_NAMES),
    at('gep', FIRST_NAMES),
    ...MEMORY_FOLDERS.map((memory) => at(join(memory, 'gep'), FIRST_NAMES)),
  ]
}

async function exists({ data, names }: StorePlace): Promise<boolean> {
  for (const kind of KINDS)
    if (
      await stat(join(data, names[kind])).then(
        (facts) => facts.isFile(),
        () => false,
      )
    )
      return true
  return false
}

async function readOne(path: string): Promise<LocatedFiles> {
  const name = basename(path)
  const kind = kindByName(name)
  const text = (await readText(path, MAX_BYTES[kind], false)) as string
  const found: LocatedFiles = { source: path, markdown: {}, notes: [] }
  if (kind !== 'markdown') {
    found[kind === 'json' ? kindByText(path, text) : kind] = { name, text }
    return found
  }
  const file =
    MARKDOWN_FILES.find((known) => known === name) ??
    MARKDOWN_FILES.find((known) =>
      text.trimStart().startsWith(`# ${known.slice(0, -'.md'.length)}`),
    )
  if (file === undefined) throw unknownFileFault(path)
  found.markdown[file] = text
  return found
}

function kindByName(name: string): Kind | 'json' | 'markdown' {
  const known = KINDS.find((kind) => name === NAMES[kind] || name === FIRST_NAMES[kind])
  if (known !== undefined) return known
  const kind = ({ '.md': 'markdown', '.json': 'json', '.jsonl': 'events' } as const)[extname(name)]
  if (kind === undefined) throw unknownFileFault(name)
  return kind
}

/**
 * Only a playbook names the rules that it uses, and every rule has a strategy or a status. A list
 * without any is of rules. Fault `input.invalid` for JSON of something else.
 */
function kindByText(path: string, text: string): 'rules' | 'playbooks' {
  if (/"(?:rules|genes)_used"[ \t\r\n]*:/.test(text)) return 'playbooks'
  const isOther = /"[^"]*"[ \t\r\n]*:/.test(text) && !/"(?:strategy|status)"/.test(text)
  if (isOther) throw unknownFileFault(path)
  return 'rules'
}

function unknownFileFault(path: string): Fault {
  return new Fault('input.invalid', `${plain(path)} is not a policy file`, {
    hint: `Policy files are ${[...Object.values(NAMES), ...MARKDOWN_FILES].join(', ')}.`,
  })
}

/** The text of a file; undefined if it is missing and `mayBeMissing`. */
async function readText(
  path: string,
  max: number,
  mayBeMissing: boolean,
): Promise<string | undefined> {
  try {
    return await readBounded(path, max)
  } catch (cause) {
    if (mayBeMissing && (errno(cause) === 'ENOENT' || errno(cause) === 'ENOTDIR')) return undefined
    throw unreadableFault(path, cause, max)
  }
}

function unreadableFault(path: string, cause: unknown, max = 0): Fault {
  const code = errno(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new Fault('not.found', `${plain(path)} does not exist`, {
      cause,
      hint: 'Give the path of the policy files.',
    })
  if (code === 'EFBIG')
    return new Fault('input.invalid', `${plain(path)} is larger than ${max >> 20} MiB`, {
      cause,
      hint: path.endsWith('.jsonl')
        ? 'Remove its oldest lines. Nothing was changed.'
        : 'Shorten it. Nothing was changed.',
    })
  return new Fault(
    'not.possible',
    `${plain(path)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause, hint: 'Check who owns it. Nothing was changed.' },
  )
}
