import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { readBounded } from '../../../config/files.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'

/** Bytes that are read: of rules and playbooks, of the log, and of a Markdown file. */
export const MOST = { json: 32 << 20, events: 64 << 20, markdown: 16 << 20 } as const

/** A file as it was read; `name` is how it is spoken of. */
export interface FileText {
  name: string
  text: string
}

/** What lies at a path, by kind. */
export interface Found {
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
/** What the first releases called the same. */
const OLDEST: Names = { rules: 'genes.json', playbooks: 'capsules.json', events: 'events.jsonl' }
const KINDS = ['rules', 'playbooks', 'events'] as const

/** The folder that holds everything, by its name now and before. */
export const MEMORY = '.clawpolicy'
export const MEMORIES: readonly string[] = [MEMORY, '.openclaw_memory']
const DATA = ['policy', 'gep']

/** Where the files of a store are: the three of them, and Markdown. */
interface Place {
  data: string
  markdown: string
  names: Names
}

/** Reads what a path holds: one file, or the files of a store. Faults: `not.found`, `input.invalid`, `not.possible`. */
export async function readFound(path: string): Promise<Found> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  return facts.isDirectory() ? readFolder(path) : readOne(path)
}

async function readFolder(path: string): Promise<Found> {
  const places: Place[] = []
  for (const place of placesIn(path)) if (await isThere(place)) places.push(place)
  const [first, ...others] = places
  const found: Found = {
    source: first?.data ?? path,
    markdown: {},
    notes: others.map(({ data }) => `${plain(data)} holds files as well, which were not read`),
  }
  if (first !== undefined) Object.assign(found, await readStore(first))
  for (const folder of first === undefined
    ? [...MEMORIES.map((name) => join(path, name)), path]
    : [first.markdown]) {
    found.markdown = await readMarkdownIn(folder)
    if (Object.keys(found.markdown).length > 0) return found
  }
  if (first !== undefined) return found
  throw new Fault('not.found', `${plain(path)} holds no policy files`, {
    hint: `Give a folder with ${Object.values(NAMES).join(', ')}, one that holds ${MEMORIES.join(' or ')}, or one file.`,
  })
}

async function readStore({ data, names }: Place): Promise<Partial<Record<Kind, FileText>>> {
  const read: Partial<Record<Kind, FileText>> = {}
  for (const kind of KINDS) {
    const text = await readText(
      join(data, names[kind]),
      kind === 'events' ? MOST.events : MOST.json,
      true,
    )
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
    const text = await readText(join(folder, file), MOST.markdown, true)
    if (text !== undefined) read[file] = text
  }
  return read
}

/** Where a store can lie at or below a path, what is nearest and newest first. */
function placesIn(path: string): Place[] {
  const inside = DATA.includes(basename(path)) && MEMORIES.includes(basename(dirname(path)))
  const at = (below: string, names: Names): Place => ({
    data: join(path, below),
    markdown: below === '' ? (inside ? dirname(path) : path) : join(path, dirname(below)),
    names,
  })
  return [
    at('', NAMES),
    at('policy', NAMES),
    ...MEMORIES.map((memory) => at(join(memory, 'policy'), NAMES)),
    at('', OLDEST),
    at('gep', OLDEST),
    ...MEMORIES.map((memory) => at(join(memory, 'gep'), OLDEST)),
  ]
}

async function isThere({ data, names }: Place): Promise<boolean> {
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

async function readOne(path: string): Promise<Found> {
  const name = basename(path)
  const kind = kindByName(name)
  const text = (await readText(
    path,
    kind === 'events' ? MOST.events : kind === 'markdown' ? MOST.markdown : MOST.json,
    false,
  )) as string
  const found: Found = { source: path, markdown: {}, notes: [] }
  if (kind !== 'markdown') {
    found[kind === 'json' ? kindByText(text) : kind] = { name, text }
    return found
  }
  const file =
    MARKDOWN_FILES.find((known) => known === name) ??
    MARKDOWN_FILES.find((known) =>
      text.trimStart().startsWith(`# ${known.slice(0, -'.md'.length)}`),
    )
  if (file === undefined) throw unknown(path)
  found.markdown[file] = text
  return found
}

function kindByName(name: string): Kind | 'json' | 'markdown' {
  const known = KINDS.find((kind) => name === NAMES[kind] || name === OLDEST[kind])
  if (known !== undefined) return known
  const kind = ({ '.md': 'markdown', '.json': 'json', '.jsonl': 'events' } as const)[extname(name)]
  if (kind === undefined) throw unknown(name)
  return kind
}

/** Only a playbook names the rules that it uses. */
function kindByText(text: string): 'rules' | 'playbooks' {
  return /"(?:rules|genes)_used"[ \t\r\n]*:/.test(text) ? 'playbooks' : 'rules'
}

function unknown(path: string): Fault {
  return new Fault('input.invalid', `${plain(path)} is none of the files that rules travel in`, {
    hint: `They are ${[...Object.values(NAMES), ...MARKDOWN_FILES].join(', ')}.`,
  })
}

/** The text of a file; undefined where it may be missing, and is. */
export async function readText(
  path: string,
  max: number,
  maybe: boolean,
): Promise<string | undefined> {
  try {
    return await readBounded(path, max)
  } catch (cause) {
    if (maybe && (errno(cause) === 'ENOENT' || errno(cause) === 'ENOTDIR')) return undefined
    throw unreadable(path, cause, max)
  }
}

function unreadable(path: string, cause: unknown, max = 0): Fault {
  const code = errno(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new Fault('not.found', `there is no ${plain(path)}`, {
      cause,
      hint: 'Say where the files are.',
    })
  if (code === 'EFBIG')
    return new Fault('input.invalid', `${plain(path)} has more than ${max >> 20} MiB`, {
      cause,
      hint: path.endsWith('.jsonl')
        ? 'Leave out its oldest lines; nothing was changed.'
        : 'Shorten it; nothing was changed.',
    })
  return new Fault(
    'not.possible',
    `${plain(path)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause, hint: 'Check who owns it; nothing was changed.' },
  )
}
