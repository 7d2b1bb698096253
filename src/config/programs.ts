import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { errno, Fault } from '../base/fault.ts'
import { EFFECTS, LEVELS, type Table } from '../command-analysis/table.ts'
import { checked, compileTable, EntryMistake } from '../command-analysis/table-compile.ts'
import type { ProgramEntry, TableEntry, VerbEntry } from '../command-analysis/table-entry.ts'
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
  effect: z.enum(EFFECTS).optional(),
  stdin: z.enum(['data', 'code', 'commands']).optional(),
  stops: z.union([z.boolean(), z.literal('here')]).optional(),
  global: z.boolean().optional(),
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
  versioned: z.boolean().optional(),
  modules: z.record(z.string().max(64), z.string().max(64)).optional(),
  settings: z.strictObject({ runs: Words.optional(), plain: Words.optional() }).optional(),
  shell: z.boolean().optional(),
  covers: z.array(z.string().max(2000)).max(200).optional(),
  asks: z.array(z.string().max(2000)).max(200).optional(),
})

/** A file of programs: entries by name, and variables whose value is a command. */
export const ProgramsSchema = z.strictObject({
  programs: z.record(z.string().regex(/^[^\s/]{1,64}$/), ProgramShape).default({}),
  variables: Words.default(''),
})

/** Where the shipped entries lie as one text, made when the program is built: reading it costs a tenth of reading them. */
const BUILT = ['dist', 'programs.json']

/** The shipped table, and entries of one's own over it, name by name. Faults `config.invalid` that name place and key. */
export function readPrograms(own: string): Table {
  const built = builtNow()
  const entries = entriesIn(own)
  // Each file alone over the shipped ones: so a mistake is told of the file that has it.
  for (const { entry, file, text } of entries) check(merged([built, entry]), { file, text })
  return compileTable(merged([built, ...entries.map(({ entry }) => entry)]))
}

/** The entries of the shipped files, read and checked. */
export function shippedEntries(): TableEntry {
  return merged(entriesIn(shipped('templates', 'programs')).map(({ entry }) => entry))
}

function builtNow(): TableEntry {
  try {
    return JSON.parse(readFileSync(shipped(...BUILT), 'utf8')) as TableEntry
  } catch {
    return shippedEntries()
  }
}

function merged(entries: readonly TableEntry[]): TableEntry {
  return {
    programs: Object.assign(
      {},
      ...entries.map((entry) => entry.programs),
    ) as TableEntry['programs'],
    variables: entries.flatMap(({ variables }) => variables),
  }
}

function entriesIn(folder: string): { entry: TableEntry; file: string; text: string }[] {
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
  const { programs, variables } = parseYaml(text, ProgramsSchema, { file, code: 'config.invalid' })
  return { programs, variables: variables.split(/\s+/).filter((name) => name !== '') }
}

/** A mistake in an entry is told as one of the file that has it. */
function check(entries: TableEntry, source: { file: string; text: string }): void {
  try {
    checked(entries)
  } catch (thrown) {
    if (!(thrown instanceof EntryMistake)) throw thrown
    throw mistakeAt(
      source.text,
      { file: source.file, code: 'config.invalid' },
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
