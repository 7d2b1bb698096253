import { glob } from '../../base/glob.ts'
import { quoteWord } from '../../base/quote.ts'
import { hazardsOf, type Hazard, type Need } from './hazards.ts'
import { tokenMatches, tokensOf, type Token } from './pattern-tokens.ts'
import { machineOf } from '../paths.ts'
import type { Command, Line } from '../types.ts'

/** A pattern that allows: what it matches, and what it spells out. */
export interface Grant {
  /** Whether one of the ways to write a command matches. */
  matches(text: string): boolean
  /** Whether it spells out what somebody has to mean. */
  names(need: Need): boolean
  /** Whether it spells out the word at this place, and all before it. */
  leadsTo(words: Command['words'], at: number): boolean
  /**
   * Whether it means a command of this name in the line that begins at this place: it spells out
   * all of the line, or only so much of it, or nothing.
   */
  means(words: Command['words'], at: number, name: string | undefined): boolean
  /** Which machines are reached, as patterns; empty where it does not say. */
  readonly machines: readonly string[]
  /** Whether every option is meant. */
  readonly anyOption: boolean
}

/** A command as rules look at it: made once for each question. */
export interface CommandPart {
  readonly command: Command
  readonly texts: readonly string[]
  readonly hazards: readonly Hazard[]
  /** The part that starts it. */
  readonly under: CommandPart | undefined
}

/**
 * The commands of a line that somebody has to allow, each; undefined where it cannot be told what
 * they all are.
 */
export function partsOf(line: Line, cwd = ''): CommandPart[] | undefined {
  if (line.unclear.length > 0 || line.commands.length === 0) return undefined
  const made = new Map<Command, CommandPart>()
  for (const command of line.commands) {
    if (command.prints) continue
    const under = command.under === undefined ? undefined : made.get(command.under.command)
    made.set(command, { command, under, texts: textsOf(command), hazards: hazardsOf(command, cwd) })
  }
  const parts = [...made.values()].filter((part) => !isWrapper(part, line))
  return parts.length > 0 ? parts : undefined
}

/** `timeout 60 …`: it adds nothing to the command in its words. */
function isWrapper({ command, hazards }: CommandPart, { commands }: Line): boolean {
  return (
    command.invocation.node?.wraps === true &&
    hazards.length === 0 &&
    commands.some(({ under }) => under?.command === command)
  )
}

/**
 * The ways to write a command that mean the very same: as it stands, quoted, and by its usual
 * names.
 */
export function textsOf({ words, settings, source, invocation }: Command): string[] {
  const front = settings.flatMap(({ name, value, harmless }) =>
    harmless ? [] : [`${name}=${quoted(value)}`],
  )
  const said = [...front, ...words.map(quoted)].join(' ')
  return [...new Set([said, source, ...usual(words, invocation)])]
}

function quoted({ text, source }: { text: string | undefined; source: string }): string {
  return text === undefined ? source : quoteWord(text)
}

/**
 * With the program's and the verb's usual names, and without the options before it that do nothing
 * besides.
 */
function usual(
  words: Command['words'],
  { program, verbs, options, doubts }: Command['invocation'],
): string[] {
  if (program === undefined || words[0]?.text?.includes('/') === true || doubts.length > 0)
    return []
  const verb = verbs.at(-1)
  if (verb === undefined) return [[program.name, ...words.slice(1).map(quoted)].join(' ')]
  const before = options.filter(({ at }) => at < verb.at)
  if (before.some(({ option }) => option?.effect !== 'plain')) return []
  const names = verbs.map(({ name }) => name)
  return [[program.name, ...names, ...words.slice(verb.at + 1).map(quoted)].join(' ')]
}

/**
 * Whether one of these grants covers a part as a whole. `strict`: also what a program is there for
 * has to be spelled out.
 */
export function covers(grant: Grant, part: CommandPart, strict = false): boolean {
  const { texts, hazards } = part
  return (
    (texts.some((text) => grant.matches(text)) || reaches(grant, part)) &&
    (grant.anyOption || hazards.every((hazard) => isMeant(hazard, grant, strict)))
  )
}

/**
 * Why a grant that matches a part does not cover it; undefined where it covers it, or is about
 * something else.
 */
export function lacking(grant: Grant, part: CommandPart): string | undefined {
  if (grant.anyOption || !(part.texts.some((text) => grant.matches(text)) || reaches(grant, part)))
    return undefined
  return part.hazards.find((hazard) => !isMeant(hazard, grant, false))?.says
}

function isMeant({ need, usual: isUsual }: Hazard, grant: Grant, strict: boolean): boolean {
  const isReached = isUsual && !strict && need?.kind === 'word' && reachesTo(grant, need.text)
  return isReached || (need !== undefined && grant.names(need))
}

/** Whether a grant that names machines names this one; any other means all of them. */
function reachesTo({ machines }: Grant, address: string): boolean {
  const machine = machineOf(address)
  return machines.length === 0 || machines.some((pattern) => glob(pattern, machine))
}

/** Whether a grant covers what starts a part, and says so far enough to mean this part too. */
function reaches(grant: Grant, { command, under }: CommandPart): boolean {
  if (under === undefined || command.under === undefined) return false
  if (!grant.anyOption && !leads(grant, command, command.under)) return false
  return under.texts.some((text) => grant.matches(text)) || reaches(grant, under)
}

/** Whether a grant spells out what a command starts, or where it is started. */
function leads(
  grant: Grant,
  { words: [head] }: Command,
  { command: { words, invocation }, at }: NonNullable<Command['under']>,
): boolean {
  const { node, operands } = invocation
  if ((node?.as.length ?? 0) > 0) return true
  const machine = operands.findLast((operand) => operand.at < at)?.at ?? at - 1
  if (!grant.leadsTo(words, node?.elsewhere === true ? machine : at)) return false
  const isLine = operands.some((operand) => operand.at === at && operand.kind === 'lines')
  return !isLine || grant.means(words, at, head?.text)
}

/** The grant of a pattern of `*`. */
export function grantOf(pattern: string, anyOption = false): Grant {
  const tokens = tokensOf(pattern)
  return {
    anyOption,
    machines: tokens.slice(1).flatMap(machineIn),
    means: (words, at, name) => meansCommand(tokens.slice(at), words.slice(at), name),
    matches: (text) => glob(pattern, text),
    names: (need) => namesIt(tokens, pattern, need),
    leadsTo: (words, at) =>
      at < words.length &&
      words
        .slice(0, at + 1)
        .every(
          ({ text }, i) => tokens[i]?.literal === text && (i === at || tokens[i]?.whole === true),
        ),
  }
}

/** Whether the tokens of a pattern for a line of some words mean a command of this name in it. */
export function meansCommand(
  tokens: readonly Token[],
  words: Command['words'],
  name: string | undefined,
): boolean {
  const [first] = tokens
  if (first === undefined || first.literal === '') return true
  if (words.every(({ text }, i) => tokens[i]?.whole === true && tokens[i].literal === text))
    return true
  return name !== undefined && tokenMatches(first, name)
}

/** The machine that a token is about, if it is an address or a name with dots. */
function machineIn({ shape }: Token): string[] {
  const machine = machineOf(shape).replace(/\*+$/, '')
  return MACHINE.test(machine) ? [machine] : []
}

const MACHINE =
  /^(?:[a-z][a-z0-9+.-]*:\/\/.*\w|\S+@.*\w|(?:[\w*-]+\.)+[a-z]{2,}(?::\d+)?$|localhost\b)/i

function namesIt(tokens: readonly Token[], pattern: string, need: Need): boolean {
  if (need.kind === 'option')
    return tokens.some((token, i) => namesOption(token, tokens[i + 1], need))
  if (need.kind === 'file')
    return (
      pattern.includes(need.sign) &&
      tokens.some((token) => spells(token, need.path, need.path.length))
    )
  return tokens.some((token) => spells(token, need.text, need.literal))
}

function spells(token: Token, word: string, literal: number): boolean {
  return token.literal.length >= literal && tokenMatches(token, word)
}

/** `-o`, `-o file`, `--out=file`, `--out*`, and `-vo` for one of its letters. */
function namesOption(
  token: Token,
  next: Token | undefined,
  { given }: Extract<Need, { kind: 'option' }>,
): boolean {
  const { option, written, value } = given
  const names = [written, ...(option?.names ?? [])]
  const { name, shape } = optionIn(token, next)
  const means = (meant: string | undefined): boolean =>
    value === undefined || (meant !== undefined && glob(meant, value.text ?? value.source))
  if (names.includes(name)) return means(shape)
  const short = names.find((each) => each.length === 2 && name.includes(each[1] as string))
  if (short === undefined || !/^-[A-Za-z]{2,}/.test(name)) return false
  return name.startsWith(short) ? means(token.shape.slice(2)) : value === undefined
}

/**
 * The option that a token spells out, and what its value may be: what stands behind `=`, or the
 * next word.
 */
function optionIn(
  { literal, whole, shape }: Token,
  next: Token | undefined,
): { name: string; shape: string | undefined } {
  const equals = literal.indexOf('=')
  if (equals >= 0)
    return { name: literal.slice(0, equals), shape: shape.slice(shape.indexOf('=') + 1) }
  return { name: literal, shape: whole ? next?.shape : '*' }
}
