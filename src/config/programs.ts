import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { errno, Fault } from '../base/fault.ts'
import { EFFECTS, LEVELS, type Table } from '../command-analysis/programs/table.ts'
import { failingCase } from '../command-analysis/programs/table-cases.ts'
import { checked, compileTable, EntryMistake } from '../command-analysis/programs/table-compile.ts'
import type {
  ProgramEntry,
  TableEntry,
  VerbEntry,
} from '../command-analysis/programs/table-entry.ts'
import { shipped } from './data.ts'
import { mistakeAt } from './yaml-place.ts'
import { parseYaml } from './yaml.ts'

const Words = z.string().max(8000)
const Risk = z.strictObject({
  label: z.string().min(1).max(80),
  points: z.number().int().min(0).max(100),
  level: z.enum(LEVELS).optional(),
  when: Words.optional(),
  unless: z.string().max(80).optional(),
})
const verb = {
  names: Words.optional(),
  options: z.strictObject(Object.fromEntries(EFFECTS.map((e) => [e, Words.optional()]))).optional(),
  operands: Words.optional(),
  instead: Words.optional(),
  effect: z.enum(EFFECTS).optional(),
  stdin: z.enum(['data', 'code', 'commands']).optional(),
  stops: z.union([z.boolean(), z.literal('here')]).optional(),
  global: z.boolean().optional(),
  wraps: z.boolean().optional(),
  as: z.string().max(64).optional(),
  elsewhere: z.boolean().optional(),
  like: z.string().max(64).optional(),
  level: z.enum(LEVELS).optional(),
  risk: z.array(Risk).max(32).optional(),
}
const Verb: z.ZodType<VerbEntry> = z.strictObject({
  ...verb,
  get verbs() {
    return z.record(z.string().max(64), Verb.nullable()).optional()
  },
})
const ProgramShape: z.ZodType<ProgramEntry> = z.strictObject({
  ...verb,
  verbs: z.record(z.string().max(64), Verb.nullable()).optional(),
  about: z.string().max(300).optional(),
  style: z.enum(['gnu', 'dash', 'none']).optional(),
  bundle: z.boolean().optional(),
  abbreviates: z.boolean().optional(),
  answers: z.boolean().optional(),
  versioned: z.boolean().optional(),
  modules: z.record(z.string().max(64), z.string().max(64)).optional(),
  settings: z.strictObject({ runs: Words.optional(), plain: Words.optional() }).optional(),
  shell: z.boolean().optional(),
  covers: z.array(z.string().max(2000)).max(200).optional(),
  asks: z.array(z.string().max(2000)).max(200).optional(),
})

/** A file of programs: entries by name, variables whose value is a command, and harmless ones. */
export const ProgramsSchema = z.strictObject({
  programs: z.record(z.string().regex(/^[^\s/]{1,64}$/), ProgramShape).default({}),
  variables: Words.default(''),
  harmless: Words.default(''),
})

/**
 * Where the shipped entries lie as one text, made when the program is built: reading it costs a
 * tenth of reading them.
 */
const BUILT = ['dist', 'programs.json']

/**
 * The shipped table, and entries of one's own over it, name by name. Faults `config.invalid` that
 * name place and key.
 */
export function readPrograms(own: string): Table {
  let entries = builtNow()
  for (const file of entriesIn(own)) {
    entries = over(entries, file.entry)
    check(entries, file)
  }
  return compileTable(entries)
}

/** The entries of the shipped files, read and checked. */
export function shippedEntries(): TableEntry {
  const files = entriesIn(shipped('templates', 'programs'))
  return {
    programs: Object.fromEntries(files.flatMap(({ entry }) => Object.entries(entry.programs))),
    variables: files.flatMap(({ entry }) => entry.variables),
    harmless: files.flatMap(({ entry }) => entry.harmless),
  }
}

interface EntryFile {
  entry: TableEntry
  file: string
  text: string
}

function builtNow(): TableEntry {
  try {
    return JSON.parse(readFileSync(shipped(...BUILT), 'utf8')) as TableEntry
  } catch {
    return shippedEntries()
  }
}

/** Entries over others: a name that one of them takes is no name of another any longer. */
function over(others: TableEntry, own: TableEntry): TableEntry {
  const taken = new Set(
    Object.entries(own.programs).flatMap(([name, entry]) => [name, ...words(entry.names)]),
  )
  const left = Object.entries(others.programs).map(([name, entry]) => [
    name,
    {
      ...entry,
      names: words(entry.names)
        .filter((each) => !taken.has(each))
        .join(' '),
    },
  ])
  return {
    programs: { ...Object.fromEntries(left), ...own.programs },
    variables: [...others.variables, ...own.variables],
    harmless: [...others.harmless, ...own.harmless],
  }
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function entriesIn(folder: string): EntryFile[] {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    return files.toSorted().map((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      const file = `programs/${name}`
      return { entry: entryOf(text, file), file, text }
    })
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (errno(cause) === 'ENOENT') return []
    throw new Fault(
      'config.invalid',
      `${folder} cannot be read (${errno(cause) ?? 'unknown reason'})`,
      { hint: `Look at its owner and mode: ls -ld ${folder}`, cause },
    )
  }
}

/** What a file of programs says. Fault `config.invalid` with the place. */
export function entryOf(text: string, file: string): TableEntry {
  const { programs, variables, harmless } = parseYaml(text, ProgramsSchema, {
    file,
    code: 'config.invalid',
  })
  return { programs, variables: words(variables), harmless: words(harmless) }
}

/**
 * Compiles all entries, and tries the cases of a file's own: a mistake is told as one of this file.
 */
function check(all: TableEntry, { entry, file, text }: EntryFile): void {
  try {
    const mistake = failingCase(entry, checked(all))
    if (mistake !== undefined) throw mistake
  } catch (thrown) {
    if (!(thrown instanceof EntryMistake)) throw thrown
    throw mistakeAt(
      text,
      { file, code: 'config.invalid' },
      { path: ['programs', ...thrown.path], text: thrown.message, fix: thrown.fix },
    )
  }
}

let known: Table | undefined

/** The programs that this process knows: the shipped ones, until others are put in their place. */
export function programs(): Table {
  return (known ??= compileTable(builtNow()))
}

/** Puts another table in its place, with an operator's own entries. */
export function usePrograms(table: Table): void {
  known = table
}
