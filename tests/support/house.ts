import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const SRC = fileURLToPath(new URL('../../src', import.meta.url))

/** Source files by path from `src`. */
export type Sources = Record<string, string>

/** What each part of the house may look at, besides itself. A path covers everything under it. */
const LAYERS: Record<string, readonly string[]> = {
  base: [],
  'command-analysis': ['base'],
  clawpolicy: ['base', 'command-analysis'],
  config: ['base', 'command-analysis'],
  ports: ['base'],
  store: ['base', 'config'],
  journal: ['base', 'config', 'ports', 'store'],
  domain: ['base', 'command-analysis', 'clawpolicy', 'config', 'ports', 'store', 'journal'],
  adapters: ['base', 'ports'],
  commands: ['base', 'command-analysis', 'config', 'ports', 'store', 'journal', 'domain'],
  wire: ['base'],
  client: [],
  gate: ['base', 'wire'],
  doors: ['base', 'command-analysis', 'config', 'wire', 'commands'],
  supervisor: [
    'base',
    'config',
    'ports',
    'store',
    'journal',
    'domain',
    'adapters',
    'commands',
    'wire',
    'gate',
    'doors',
  ],
}

const ROOMS = [
  'operators',
  'egress',
  'templates',
  'agents',
  'shells',
  'leases',
  'policy',
  'rules',
  'approvals',
  'alerts',
  'webhooks',
]

/** The shapes of nouns and events, and what may be said at a guard door: free to all, as types. */
const SHAPES = /^(domain\/[^/]+\/(?:[^/]+\/)?(types|guard)|journal\/types)\.ts$/

interface Import {
  from: string
  to: string
  types: boolean
}

/** Every import line that breaks a rule of the house, as `from → to: why`. */
export function violations(sources: Sources): string[] {
  return Object.entries(sources)
    .flatMap(([from, text]) => importsOf(from, text))
    .flatMap((line) => {
      const why = wrong(line)
      return why === undefined ? [] : [`${line.from} → ${line.to}: ${why}`]
    })
}

/** Packages and modules of Node that files under `folder` import, by value or by type. */
export function outsideImports(sources: Sources, folder: string): string[] {
  return Object.entries(sources)
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, text]) =>
      importLines(text)
        .map((match) => match[2] as string)
        .filter((name) => !name.startsWith('.'))
        .map((name) => `${file} → ${name}`),
    )
}

function importsOf(from: string, text: string): Import[] {
  return importLines(text)
    .filter((match) => match[2]?.startsWith('.'))
    .map((match) => ({
      from,
      to: relative(SRC, join(SRC, dirname(from), match[2] as string)),
      types: match[1] !== undefined || onlyTypes(match[0]),
    }))
}

/** Each import: its `type`, and what it names. */
function importLines(text: string): RegExpExecArray[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return [
    ...code.matchAll(
      /(?:^|\n|;)\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'";]*?\sfrom\s+)?'([^']+)'/g,
    ),
    ...code.matchAll(/\b(?:import)\s*(type\s+)?\(\s*'([^']+)'/g),
  ]
}

/** `import { type A, type B } from` brings nothing at run time either. */
function onlyTypes(line: string): boolean {
  const names = /\{([^}]*)\}/
    .exec(line)?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))
}

function wrong({ from, to, types }: Import): string | undefined {
  const [here, there] = [from.split('/')[0] as string, to.split('/')[0] as string]
  if (from === 'main.ts') return undefined
  if (to === 'main.ts') return 'nothing looks at the entry'
  if (types && SHAPES.test(to) && here !== 'client') return undefined
  if (here === 'domain' && there === 'domain') return betweenRooms(from, to)
  if (here === 'doors') return fromDoor(to, there, types)
  if (mayLook(here, to)) return undefined
  return `${here} may not look at ${there}`
}

function mayLook(here: string, to: string): boolean {
  const there = to.split('/')[0] as string
  if (here === there || (LAYERS[here] ?? []).includes(there)) return true
  // How a target is written is known in one place. What becomes of it, the gate is told.
  return here === 'gate' && to === 'domain/egress/matching/target.ts'
}

function betweenRooms(from: string, to: string): string | undefined {
  const [mine, theirs] = [
    ROOMS.indexOf(from.split('/')[1] ?? ''),
    ROOMS.indexOf(to.split('/')[1] ?? ''),
  ]
  if (from.split('/')[1] === to.split('/')[1]) return undefined
  if (theirs < 0) return 'a room that others look at has its place in the order'
  // A room without a place is the last: it may look at all, and nobody at it.
  return mine < 0 || theirs <= mine ? undefined : `${ROOMS[mine]} comes before ${ROOMS[theirs]}`
}

/** Doors see commands, the shapes of every noun and its pure rules: so the console starts without loading SQLite. */
function fromDoor(to: string, there: string, types: boolean): string | undefined {
  if (there === 'doors' || LAYERS['doors']?.includes(there) === true) return undefined
  if (there === 'domain' && /^domain\/[^/]+\/(?:[^/]+\/)?(?:rules|types)\.ts$/.test(to))
    return undefined
  if (types && there === 'ports') return undefined
  return 'doors see commands, and of a noun its types and pure rules'
}

export function sourcesOf(folder: string): Sources {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  )
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** How many key handlers there are: `useInput(` outside comments. */
export function keyHandlers(sources: Sources): string[] {
  return Object.entries(sources)
    .filter(([, text]) => /\buseInput\s*\(/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    .map(([name]) => name)
}

/** Folders of more files than one can look over. */
export function crowdedFolders(sources: Sources, most = 25): string[] {
  const counts = new Map<string, number>()
  for (const name of Object.keys(sources)) {
    const folder = dirname(name)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].filter(([, n]) => n > most).map(([folder, n]) => `${folder}: ${n} files`)
}

/** Groups of files that import each other in a circle, by value or by type. */
export function importCycles(sources: Sources): string[] {
  const next = new Map(
    Object.entries(sources).map(([name, text]) => [
      name,
      importsOf(name, text).flatMap(({ to }) => (to in sources ? [to] : [])),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (name: string, path: readonly string[]): void => {
    const since = path.indexOf(name)
    if (since >= 0) cycles.push([...path.slice(since), name].join(' → '))
    if (since >= 0 || done.has(name)) return
    for (const to of next.get(name) ?? []) walk(to, [...path, name])
    done.add(name)
  }
  for (const name of next.keys()) walk(name, [])
  return cycles
}

/** Names that two files export: one name is one thing. */
export function namesakes(sources: Sources): string[] {
  const owners = new Map<string, string[]>()
  for (const [file, text] of Object.entries(sources))
    for (const name of new Set(exportedNames(text)))
      owners.set(name, [...(owners.get(name) ?? []), file])
  return [...owners]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `${name}: ${files.join(', ')}`)
}

function exportedNames(text: string): string[] {
  return [
    ...text.matchAll(/^export (?:async )?(?:function\*?|class|const|interface|type) (\w+)/gm),
  ].map((match) => match[1] as string)
}

/** Lines beyond 100 columns, but for code with a string or pattern, which the formatter cannot break. */
export function longLines(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, i) =>
        line.length > 100 && (/^\s*(?:\*|\/\/|\/\*)/.test(line) || !/['"`]|\/\S/.test(line))
          ? [`${file}:${i + 1}`]
          : [],
      ),
  )
}

/** Runs of lines that stand twice, by where they begin; imports, lists and brackets do not count. */
export function repeats(sources: Sources, run = 6): string[] {
  const seen = new Map<string, string>()
  const found: string[] = []
  for (const [file, text] of Object.entries(sources)) {
    const lines = text
      .replace(/^import [^']*'[^']*'$/gm, '')
      .split('\n')
      .map((line, i) => ({ text: line.trim(), at: i + 1 }))
      .filter((line) => line.text !== '')
    let repeating = false
    for (let i = 0; i + run <= lines.length; i++) {
      const here = lines.slice(i, i + run)
      const key = here.map((line) => line.text).join('\n')
      const before = seen.get(key)
      const counts =
        before !== undefined && here.filter((line) => /\w{3}/.test(line.text)).length >= run
      if (counts && !repeating) found.push(`${file}:${here[0]?.at} as ${before}`)
      repeating = counts
      if (before === undefined) seen.set(key, `${file}:${here[0]?.at}`)
    }
  }
  return found
}
