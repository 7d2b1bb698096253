import { SettingKeys } from './setting-keys.ts'
import {
  KINDS,
  type ProgramEffect,
  type Kind,
  type Node,
  type Operands,
  type Option,
} from './table.ts'
import type { Program, Table } from './table.ts'
import type { ProgramEntry, TableEntry, VerbEntry } from './table-entry.ts'

/** A mistake in an entry: the keys that lead to it, what is wrong, and what to do. */
export class EntryMistake extends Error {
  readonly path: readonly (string | number)[]
  readonly fix: string

  constructor(path: readonly (string | number)[], message: string, fix: string) {
    super(message)
    this.path = path
    this.fix = fix
  }
}

/**
 * The table of some entries. Each is made when it is first asked for: most questions are about a
 * few. Throws `EntryMistake` then; `checked` makes all of them at once.
 */
export function compileTable({ programs: entries, variables, harmless }: TableEntry): Table {
  const names = new Map<string, string>()
  const versioned = new Map<string, string>()
  for (const [name, entry] of Object.entries(entries))
    for (const each of [name, ...list(entry.names)]) {
      names.set(each, name)
      if (entry.versioned === true) versioned.set(each, name)
    }
  const made = new Map<string, Program>()
  function program(name: string): Program {
    const known = made.get(name)
    if (known !== undefined) return known
    const fresh = compileProgram(name, inherited(entries, name, []))
    made.set(name, fresh)
    return fresh
  }
  return {
    names: () => Object.keys(entries),
    variables,
    harmless,
    find(name) {
      const usual = names.get(name) ?? versioned.get(withoutVersion(name))
      return usual === undefined ? undefined : program(usual)
    },
  }
}

/** A name without the version at its end: `python3.12`, `gcc-13`. */
function withoutVersion(name: string): string {
  let at = name.length
  while (/[\d.]/.test(name[at - 1] ?? '')) at--
  while (name[at] === '.') at++
  if (at === name.length) return name
  return name.slice(0, name[at - 1] === '-' ? at - 1 : at)
}

/** A table of which every entry is known to be right. Throws `EntryMistake`. */
export function checked(entry: TableEntry): Table {
  const table = compileTable(entry)
  const owners = new Map<string, string>()
  for (const name of table.names()) {
    table.find(name)
    for (const each of [name, ...list(entry.programs[name]?.names)]) {
      const owner = owners.get(each)
      if (owner !== undefined && owner !== name)
        throw new EntryMistake(
          [name, 'names'],
          `${each} is a name of ${owner} already`,
          'Leave it out of one of them.',
        )
      owners.set(each, name)
    }
  }
  return table
}

/** An entry with what it has from the one that it is like. */
function inherited(
  entries: Record<string, ProgramEntry>,
  name: string,
  before: readonly string[],
): ProgramEntry {
  const entry = entries[name] as ProgramEntry
  if (entry.like === undefined) return entry
  if (!Object.hasOwn(entries, entry.like) || before.includes(entry.like))
    throw new EntryMistake(
      [name, 'like'],
      `there is no program ${entry.like} that it could be like`,
      'Name another program of the table.',
    )
  const { names: _, ...model } = inherited(entries, entry.like, [...before, name])
  return { ...model, ...entry }
}

function compileProgram(name: string, entry: ProgramEntry): Program {
  const { settings, modules, style = 'gnu' } = entry
  return {
    ...compileNode(name, entry, [name]),
    about: entry.about ?? '',
    style,
    bundle: entry.bundle ?? false,
    abbreviates: entry.abbreviates ?? false,
    answers: entry.answers ?? false,
    modules: new Map(Object.entries(modules ?? {})),
    settings: {
      runs: new SettingKeys(list(settings?.runs)),
      plain: new SettingKeys(list(settings?.plain)),
    },
    shell: entry.shell ?? false,
  }
}

function compileNode(name: string, entry: VerbEntry, path: readonly string[]): Node {
  const { options, families } = compileOptions(entry.options ?? {}, [...path, 'options'])
  return {
    name,
    options,
    families,
    ...compileVerbs(entry.verbs, [...path, 'verbs']),
    effect: entry.effect ?? 'plain',
    operands: compileOperands(entry.operands, [...path, 'operands']),
    instead: new Set(list(entry.instead).flatMap((name) => options.get(name)?.names ?? [name])),
    stdin: entry.stdin,
    stops: entry.stops ?? false,
    global: entry.global ?? false,
    as: list(entry.as),
    wraps: entry.wraps ?? false,
    elsewhere: entry.elsewhere ?? false,
    level: entry.level,
    risks: (entry.risk ?? []).map(({ label, points, level, when, unless }) => ({
      label,
      points,
      level,
      unless,
      when: list(when),
    })),
  }
}

function compileVerbs(
  verbs: VerbEntry['verbs'],
  path: readonly string[],
): Pick<Node, 'verbs' | 'verbFamilies'> {
  if (verbs === undefined) return { verbs: undefined, verbFamilies: [] }
  const verbFamilies: [string, Node][] = []
  const made = new Map<string, Node>()
  for (const [name, entry] of Object.entries(verbs)) {
    const node = compileNode(name, likeVerb(verbs, name, path), [...path, name])
    for (const each of [name, ...list(entry?.names)])
      if (each.endsWith('*')) verbFamilies.push([each.slice(0, -1), node])
      else made.set(each, node)
  }
  verbFamilies.sort(([a], [b]) => b.length - a.length)
  return { verbs: made, verbFamilies }
}

function likeVerb(
  verbs: NonNullable<VerbEntry['verbs']>,
  name: string,
  path: readonly string[],
  before: readonly string[] = [],
): VerbEntry {
  const entry = verbs[name] ?? {}
  if (entry.like === undefined) return entry
  if (!Object.hasOwn(verbs, entry.like) || before.includes(entry.like))
    throw new EntryMistake(
      [...path, name, 'like'],
      `there is no verb ${entry.like} beside it that it could be like`,
      'Name another verb of the same list.',
    )
  const { names: _, ...model } = likeVerb(verbs, entry.like, path, [...before, name])
  return { ...model, ...entry, options: joined(model.options, entry.options) }
}

function joined(
  one: VerbEntry['options'] = {},
  other: VerbEntry['options'] = {},
): VerbEntry['options'] {
  const both = { ...one }
  for (const [effect, text] of Object.entries(other) as [ProgramEffect, string | undefined][])
    both[effect] = `${both[effect] ?? ''} ${text ?? ''}`
  return both
}

function list(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(/\s+/).filter((item) => item !== '')
}

const OPTION = /^([-+@/]\S*?)(?:\[=([a-z-]*)\]|(={1,2})([a-z-]*))?$/

function compileOptions(
  groups: NonNullable<VerbEntry['options']>,
  path: readonly string[],
): Pick<Node, 'options' | 'families'> {
  const options = new Map<string, Option>()
  const families: [string, Option][] = []
  for (const [effect, text] of Object.entries(groups) as [ProgramEffect, string | undefined][])
    for (const item of list(text)) {
      const option = compileOption(item, effect, [...path, effect])
      for (const name of option.names) {
        unlessOtherwise(options.get(name), option, name, [...path, effect])
        if (name.endsWith('*')) families.push([name.slice(0, -1), option])
        else options.set(name, option)
      }
    }
  families.sort(([a], [b]) => b.length - a.length)
  return { options, families }
}

/** Said twice is said wrongly, unless it is the same. */
function unlessOtherwise(
  before: Option | undefined,
  option: Option,
  name: string,
  path: readonly string[],
): void {
  if (before === undefined) return
  if (before.value === option.value && before.effect === option.effect) return
  throw new EntryMistake(path, `${name} is said twice, in two ways`, 'Leave one of them out.')
}

function compileOption(item: string, effect: ProgramEffect, path: readonly string[]): Option {
  const [, names, glued, needed, kind = ''] = OPTION.exec(item) ?? []
  if (names === undefined || /=(?!.*\*$)/.test(names))
    throw new EntryMistake(
      path,
      `${item} is no option`,
      'Write options as -n,--dry-run or -o=write, apart by blanks.',
    )
  const optional = glued === undefined ? 'none' : 'glued'
  return {
    names: names
      .split(/,(?=[-+@/])/)
      .flatMap((name) =>
        name.startsWith('--[no-]') ? [`--no-${name.slice(7)}`, `--${name.slice(7)}`] : [name],
      ),
    value: needed === undefined ? optional : 'needed',
    kind: kindOf(glued ?? kind, path),
    double: needed === '==',
    effect,
  }
}

function kindOf(name: string, path: readonly string[]): Kind {
  if (name === '') return 'data'
  if ((KINDS as readonly string[]).includes(name)) return name as Kind
  throw new EntryMistake(path, `${name} is no kind of value`, `Known: ${KINDS.join(', ')}.`)
}

function compileOperands(text: string | undefined, path: readonly string[]): Operands | undefined {
  if (text === undefined) return undefined
  const items = list(text)
  const assigns = items[0] === 'assign*'
  if (assigns) items.shift()
  const kinds = items.map((item) => kindOf(item.replace(/\*$/, ''), path))
  const at = items.findIndex((item) => item.endsWith('*'))
  if (at < 0) return { assigns, first: kinds, many: undefined, last: [] }
  if (items.findLastIndex((item) => item.endsWith('*')) > at)
    throw new EntryMistake(path, 'only one operand can repeat', 'Put * behind one of them.')
  return { assigns, first: kinds.slice(0, at), many: kinds[at], last: kinds.slice(at + 1) }
}
