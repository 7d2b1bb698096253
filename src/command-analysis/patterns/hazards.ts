import type { Doubt, Given, Operand, Spoken } from '../invocation.ts'
import { climbs, globLeaves, isMachineFolder, leaves, readsElsewhere } from '../paths.ts'
import { dangerOf } from './dangers.ts'
import { PARTS } from '../read-invocation.ts'
import type { ProgramEffect, Kind, Program } from '../programs/table.ts'
import type { Command, Opened } from '../types.ts'
import type { Word } from '../word.ts'

/**
 * Something in a command that goes further than its kind: what a star in a pattern does not stand
 * for.
 */
export interface Hazard {
  /** In words: `--output writes a file`. */
  readonly says: string
  /** What has to be spelled out by whoever means it; undefined where only the whole line can. */
  readonly need: Need | undefined
  /** Whether it is what the program is there for: who names the program means it. */
  readonly usual: boolean
  /** It is a word that only the shell knows, where a program expects no more than text. */
  readonly open?: boolean
}

export type Need =
  /** The option, by any of its names. */
  | { readonly kind: 'option'; readonly given: Given }
  /** So many characters of this word. */
  | { readonly kind: 'word'; readonly text: string; readonly literal: number }
  /** A redirection, to this path. */
  | { readonly kind: 'file'; readonly sign: '<' | '>'; readonly path: string }

const EFFECTS: Record<Exclude<ProgramEffect, 'plain' | 'inert'>, string> = {
  runs: 'starts a program or code of its own',
  writes: 'writes a file',
  reads: 'reads from elsewhere',
  reaches: 'reaches another machine or account',
  sets: 'changes settings',
  risks: 'gives up a safeguard, or loses what cannot be had back',
}

/** Everything in a command that goes further than its kind, in the order of its words. */
export function hazardsOf(command: Command, cwd = ''): Hazard[] {
  const { invocation, settings, opened, words } = command
  const context = {
    command,
    cwd,
    open: new Set(invocation.doubts.flatMap(({ at, why }) => (why === 'open' ? [at] : []))),
  }
  return [
    ...settings.flatMap(ofSetting),
    ...ofInput(command),
    ...opened.flatMap((file) => ofFile(file, context)),
    ...invocation.verbs.flatMap((verb) => ofVerb(verb, command)),
    ...invocation.doubts.flatMap((doubt) => ofDoubt(doubt, command)),
    ...invocation.options.flatMap((given) => ofOption(given, context)),
    ...invocation.operands.flatMap((operand, place) => ofOperand(operand, place, context)),
    ...(words[0]?.text === '' ? [unnamed('it has no name of a program')] : []),
    ...(isMachineFolder(cwd) ? [unnamed(`it runs in ${cwd}, which is not in the workspace`)] : []),
    ...(goesHome(command) ? [unnamed('it goes to a folder of before, or home')] : []),
  ]
}

interface Context {
  command: Command
  cwd: string
  /** Places of words that could become options. */
  open: ReadonlySet<number>
}

function unnamed(says: string): Hazard {
  return { says, need: undefined, usual: false }
}

function spelled(says: string, text: string, literal = text.length): Hazard {
  return { says, need: { kind: 'word', text, literal }, usual: false }
}

/** `cd` alone. */
function goesHome({ invocation: { node, operands } }: Command): boolean {
  return operands.length === 0 && node?.operands?.first[0] === 'folder'
}

function ofVerb({ node: { effect }, at }: Spoken, { words }: Command): Hazard[] {
  const source = words[at]?.source ?? ''
  return effect === 'plain' || effect === 'inert'
    ? []
    : [spelled(`${source} ${EFFECTS[effect]}`, source)]
}

/** What no program takes for more than a word: no calls, no quotes, no ways up. */
const PLAIN_VALUE = /^[\w.,:;@%+=~/* -]*$/

function ofSetting({ name, value, harmless }: Command['settings'][number]): Hazard[] {
  // What a star would find is not looked for here.
  const text = value.text ?? (value.fromFiles ? value.source : undefined)
  const says = `${name}=… is set for it`
  if (text === undefined) return [unnamed(says)]
  // Make runs what a variable says where a file of rules uses it.
  if (harmless && PLAIN_VALUE.test(text) && climbs(text) === 0) return []
  return [spelled(says, `${name}=${text}`, name.length + 1)]
}

function ofInput({ input, invocation, runsInput }: Command): Hazard[] {
  if (input.kind === 'none') return []
  if (runsInput)
    return input.kind === 'text' && invocation.node?.stdin === 'commands'
      ? []
      : [unnamed('it runs what it is sent')]
  return invocation.program === undefined
    ? [unnamed('it is not known what it does with what it is sent')]
    : []
}

/** A file that is read as data is no more than one that is named as an operand. */
function ofFile({ how, path }: Opened, { command, cwd }: Context): Hazard[] {
  const { text } = path
  const says = how === 'writes' ? `it writes ${path.source}` : `it reads ${path.source}`
  if (text === undefined) return [unnamed(says)]
  const { node } = command.invocation
  const harmless =
    how === 'reads' &&
    node?.stdin === 'data' &&
    leaves(text, cwd) === 0 &&
    !text.startsWith('/dev/')
  if (harmless) return []
  return [
    { says, need: { kind: 'file', sign: how === 'writes' ? '>' : '<', path: text }, usual: false },
  ]
}

function ofDoubt({ at, why }: Doubt, { words, invocation }: Command): Hazard[] {
  const word = words[at]
  if (word === undefined) return []
  const { program } = invocation
  switch (why) {
    case 'option':
      // Said once, of the option itself.
      return []
    case 'verb':
      return [
        spelled(`${word.source} is no verb of ${invocation.name} that is known`, word.text ?? ''),
      ]
    case 'value':
      return [spelled(`${word.source} could be an option, or the value of one`, word.text ?? '')]
    default:
      return word.fromFiles && program !== undefined && isHarmless(program)
        ? []
        : [{ ...unnamed(`${word.source} could become an option`), open: true }]
  }
}

/** Whether none of a program's options does more than the program does. */
export function isHarmless({ options, verbs, style }: Program): boolean {
  if (style === 'none') return true
  if (verbs !== undefined || options.size === 0) return false
  for (const { effect } of options.values())
    if (effect !== 'plain' && effect !== 'inert') return false
  return true
}

function ofOption(given: Given, context: Context): Hazard[] {
  const { option, written, value } = given
  const need = { kind: 'option' as const, given }
  if (option === undefined)
    return [{ says: `${written} is no option that is known`, need, usual: false }]
  const { effect, kind } = option
  // What it starts is a command of its own, to be allowed as such.
  if (PARTS.has(kind)) return []
  if (effect !== 'plain' && effect !== 'inert')
    return [{ says: `${written} ${EFFECTS[effect]}`, need, usual: false }]
  if (!option.names.some((name) => name === written || name.endsWith('*')) && isLong(written))
    return [{ says: `${written} is short for an option`, need, usual: false }]
  if (value === undefined) return []
  if (option.value === 'none' && !option.names.some((name) => name.endsWith('*')))
    return [{ says: `${written} takes no value that is known`, need, usual: false }]
  const own = ofWord(value, kind, context)
  return own.length > 0 || kind !== 'data' ? own : ofApart(given, value, context)
}

/** Also programs of which the names begin with one dash do not take beginnings of them. */
function isLong(written: string): boolean {
  return written.startsWith('--')
}

const PATHS = new Set<Kind>(
  'inside folder write copied packed prefix transfer file'.split(' ') as Kind[],
)

/**
 * A word that stands apart from its option is an operand to another version of the program, or
 * behind the first operand: it must not be one that leads away.
 */
function ofApart(
  { at, valueAt, written }: Given,
  { text = '', source }: Word,
  { command: { invocation }, cwd }: Context,
): Hazard[] {
  const kinds = invocation.node?.operands
  if (valueAt <= at || kinds === undefined || text === '/') return []
  const { first, many = 'data', last } = kinds
  if (![...first, many, ...last].some((kind) => PATHS.has(kind))) return []
  const place = readsElsewhere(text, cwd)
  return place === 0
    ? []
    : [spelled(`${source} is not in the workspace, unless ${written} takes it`, text, place)]
}

function ofOperand({ word, at, kind }: Operand, place: number, context: Context): Hazard[] {
  const { program } = context.command.invocation
  if (program === undefined) return ofUnknown(word)
  // Said already, where it could be an option; where it leads is something else.
  const own = context.open.has(at) ? ofPlace(word, kind, context) : ofWord(word, kind, context)
  return own.length > 0 || !shifts(word, place, context)
    ? own
    : [unnamed(`${word.source} could become several words`)]
}

/** Whether a word could become several, of which a later one would be more than what is read. */
function shifts({ splits }: Word, place: number, { command: { invocation } }: Context): boolean {
  const kinds = invocation.node?.operands
  if (!splits || kinds === undefined) return false
  const { first, many = 'data' } = kinds
  return [...first.slice(place), many].some((kind) => !isText(kind) && kind !== 'inside')
}

/** What nobody knows may do anything with its words; but a shell must not make others of them. */
function ofUnknown(word: Word): Hazard[] {
  if (word.text !== undefined) {
    const up = climbs(word.text)
    return up === 0 ? [] : [spelled(`${word.source} leads out of its folder`, word.text, up)]
  }
  return word.fromFiles && !word.dashes ? [] : [unnamed(`the shell decides what ${word.source} is`)]
}

const HOME = /^~[\w.-]*(?:\/[\w./-]*)?$/

function ofWord(word: Word, kind: Kind, context: Context): Hazard[] {
  const { text, source } = word
  if (text === undefined) {
    const place = ofPlace(word, kind, context)
    return place.length > 0 || isOnlyText(word, kind, context)
      ? place
      : [
          {
            ...unnamed(`the shell decides what ${source} is`),
            open: isText(kind) || kind === 'inside',
          },
        ]
  }
  const danger = dangerOf(kind, text, context)
  if (danger === undefined) return []
  const { says, literal, usual = false } = danger
  return [{ ...spelled(`${source} ${says}`, text, literal), usual }]
}

/** What a word that only the shell knows says of where it leads, where that is a path to read. */
function ofPlace({ source, shape, fromFiles }: Word, kind: Kind, { cwd }: Context): Hazard[] {
  // Names of files that are there are read of the folder, wherever they stand.
  if (kind !== 'inside' && kind !== 'folder' && !(isText(kind) && fromFiles)) return []
  const place = HOME.test(source) ? leaves(source) : globLeaves(shape, cwd)
  return place === 0 ? [] : [spelled(`${source} is not in the workspace`, source, place)]
}

/** Whether a word that only the shell knows is no more than any other text in its place. */
function isOnlyText(word: Word, kind: Kind, context: Context): boolean {
  if (isText(kind) && word.fromVariables) return !word.splits || isPrinter(context)
  if (!isText(kind) && kind !== 'inside') return false
  return (word.fromFiles && !word.dashes) || (isText(kind) && HOME.test(word.source))
}

function isText(kind: Kind): boolean {
  return kind === 'data' || kind === 'text'
}

/** Whether a program takes no options at all: how many words it gets does not matter. */
function isPrinter({ command }: Context): boolean {
  return command.invocation.program?.style === 'none'
}
