import { covers, meansCommand, partsOf, type Grant } from './covers.ts'
import type { Need } from './hazards.ts'
import { baseName } from '../paths.ts'
import { tokensOf, type Token } from './pattern-tokens.ts'
import type { Command, Line } from '../types.ts'

/**
 * The names that a command's program has: the one that was used, without a folder, and its usual
 * one.
 */
function namesOf({ words, invocation }: Command): string[] {
  const text = words[0]?.text
  if (text === undefined) return []
  return [...new Set([baseName(text), invocation.name ?? baseName(text)])]
}

/**
 * The programs of a line that are asked for, each alone and with each of its words as `program
 * word`.
 */
export function programsIn({ commands }: Line, wanted: (program: string) => boolean): Set<string> {
  const found = new Set<string>()
  for (const command of commands)
    for (const program of namesOf(command)) {
      if (!wanted(program)) continue
      found.add(program)
      for (const { text } of command.words.slice(1)) found.add(`${program} ${text ?? ''}`)
    }
  return found
}

/**
 * Whether any part of a line runs a program with these words, from wherever it is taken and
 * whatever stands between.
 */
export function runsAny({ commands }: Line, value: string): boolean {
  const [program = '', ...wanted] = value.split(' ')
  return commands.some((command) => {
    let at = 0
    for (const { text } of command.words.slice(1)) if (text === wanted[at]) at++
    return namesOf(command).includes(program) && at >= wanted.length
  })
}

/**
 * Whether a line runs nothing but what begins with these words: nothing around it, no output
 * elsewhere, nothing that cannot be told, and nothing behind them that goes further than their
 * kind.
 */
export function runsOnly(line: Line, value: string): boolean {
  if (value === '') return false
  const parts = partsOf(line)
  const grant = kindGrant(value)
  return (
    parts !== undefined &&
    parts.length > 0 &&
    parts.every((part) => part.command.input.kind === 'none' && covers(grant, part, true))
  )
}

/**
 * Whether a line is one statement that begins with these words: what it says is done by nobody as a
 * command.
 */
export function states({ commands: [only, ...more], unclear }: Line, value: string): boolean {
  if (only === undefined || more.length > 0 || unclear.length > 0) return false
  if (only.opened.length > 0 || only.settings.length > 0 || only.input.kind !== 'none') return false
  return value.split(' ').every((word, i) => only.words[i]?.text === word)
}

function says(tokens: readonly Token[], need: Need): boolean {
  const has = (text: string | undefined) => tokens.some(({ literal }) => literal === text)
  if (need.kind === 'word') return has(need.text)
  if (need.kind !== 'option') return false
  const { written, value } = need.given
  return (
    has(`${written}=${value?.text}`) || (has(written) && (value === undefined || has(value.text)))
  )
}

/**
 * What a rule about a kind of command allows: commands that begin with its words, and what these
 * spell out.
 */
function kindGrant(value: string): Grant {
  const tokens = tokensOf(value)
  return {
    anyOption: false,
    machines: [],
    means: (words, at, name) => meansCommand(tokens.slice(at), words.slice(at), name),
    matches: (text) => text === value || text.startsWith(`${value} `),
    names: (need: Need) => says(tokens, need),
    leadsTo: (words, at) =>
      at < tokens.length &&
      words.slice(0, at + 1).every(({ text }, i) => tokens[i]?.literal === text),
  }
}
