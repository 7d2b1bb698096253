import { Fault } from '../../base/fault.ts'
import { kebab, schemaAt, usageOf, type CliCommand, type Param } from './cli-command.ts'

/** A parsed command line. The words of help may be a part of a command: `policy`. */
export type Parsed =
  | { kind: 'run'; command: CliCommand; input: Record<string, unknown>; json: boolean }
  | { kind: 'help'; words: string[]; command: CliCommand | undefined; json: boolean }
  | { kind: 'version' }

/**
 * Finds the command that the words name, and its input from arguments and flags. Values stay as
 * typed; the command's schema checks them afterwards. Fault `usage`.
 */
export function parse(argv: readonly string[], commands: readonly CliCommand[]): Parsed {
  const end = argv.indexOf('--')
  const before = end < 0 ? argv : argv.slice(0, end)
  const words = before.filter((word) => !word.startsWith('-'))
  const json = before.includes('--json')
  if (words[0] === 'help') return helpOn(words.slice(1), commands, json)
  if (before.includes('--help') || before.includes('-h')) return helpOn(words, commands, json)
  if (words.length === 0 && (before.includes('--version') || before.includes('-V')))
    return { kind: 'version' }
  const command = longestMatch(words, commands)
  if (command !== undefined) return { kind: 'run', command, input: inputOf(argv, command), json }
  throw words.length === 0
    ? new Fault('usage', 'no command was given', { hint: 'To list them: clawdeck --help' })
    : unknownCommand(words, commands)
}

function helpOn(words: string[], commands: readonly CliCommand[], json: boolean): Parsed {
  const command = longestMatch(words, commands)
  const isGroup = commands.some((each) => each.words[0] === words[0])
  if (command === undefined && words.length > 0 && !isGroup) throw unknownCommand(words, commands)
  return { kind: 'help', words, command, json }
}

function longestMatch(
  words: readonly string[],
  commands: readonly CliCommand[],
): CliCommand | undefined {
  let best: CliCommand | undefined
  for (const command of commands)
    if (
      command.words.every((word, at) => words[at] === word) &&
      command.words.length > (best?.words.length ?? 0)
    )
      best = command
  return best
}

/** Without a hint if nothing begins with the first word: then a guess helps more. */
function unknownCommand(words: readonly string[], commands: readonly CliCommand[]): Fault {
  const [first = '', second] = words
  const group = commands.filter((command) => command.words[0] === first)
  if (group.length === 0) return new Fault('usage', `there is no command \`${first}\``)
  const message =
    second === undefined
      ? `\`${first}\` needs another word`
      : `there is no command \`${first} ${second}\``
  const verbs = [...new Set(group.map((command) => command.words[1]))].join(', ')
  return new Fault('usage', message, { hint: `After \`${first}\`: ${verbs}.` })
}

function inputOf(argv: readonly string[], command: CliCommand): Record<string, unknown> {
  const { face, words, params } = command
  const flags = Object.entries(face.flags ?? {})
  // An import of this module reads all its exports, which takes 5 ms.
  const { parseArgs } = process.getBuiltinModule('node:util')
  const options = flags.map(([key, { value, many, short }]) => [
    kebab(key),
    {
      type: value === undefined ? ('boolean' as const) : ('string' as const),
      multiple: many === true,
      ...(short === undefined ? {} : { short }),
    },
  ])
  const { values, tokens } = asUsageFault(command, () =>
    parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      tokens: true,
      options: { json: { type: 'boolean' }, ...Object.fromEntries(options) },
    }),
  )
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? Infinity
  const typed = tokens
    .filter((token) => token.kind === 'positional')
    .map(({ index, value }) => ({ value, raw: index > end }))
  const input: Record<string, unknown> = {}
  for (const [key] of flags)
    if (Object.hasOwn(values, kebab(key)))
      input[key] = (values as Record<string, unknown>)[kebab(key)]
  return { ...input, ...argumentsOf(typed.slice(words.length), params, command) }
}

interface Typed {
  value: string
  raw: boolean
}

function argumentsOf(
  typed: readonly Typed[],
  params: readonly Param[],
  command: CliCommand,
): Record<string, unknown> {
  const hasRaw = params.some((param) => param.raw)
  const misplaced = hasRaw
    ? typed.filter((word) => !word.raw)[params.filter((param) => !param.raw).length]
    : undefined
  if (misplaced !== undefined) throw usageFault(command, `put \`--\` before \`${misplaced.value}\``)
  const input: Record<string, unknown> = {}
  const left = [...typed]
  for (const param of params) {
    const values = takeValues(left, param, hasRaw)
    if (values.length > 0) input[param.key] = param.many ? values : values[0]
    else if (param.required && !hasDefault(param, command))
      throw usageFault(command, `<${param.key}> is missing`)
  }
  const extra = left[0]
  if (extra === undefined) return input
  throw usageFault(command, `unexpected argument \`${extra.value}\``)
}

/** Takes the words of an argument from the front. Those after `--` are for raw arguments only. */
function takeValues(left: Typed[], { many, raw }: Param, hasRaw: boolean): string[] {
  const values: string[] = []
  while (left[0] !== undefined && (!hasRaw || left[0].raw === raw)) {
    values.push(left[0].value)
    left.shift()
    if (!many) break
  }
  return values
}

/** Words after `--` may be missing if the schema has a default for them. */
function hasDefault(param: Param, { face }: CliCommand): boolean {
  return param.raw && schemaAt(face, param.key)?.safeParse(undefined).success === true
}

function asUsageFault<T>(command: CliCommand, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw usageFault(command, message.replace(/\. To specify.*/s, ''))
  }
}

function usageFault(command: CliCommand, message: string): Fault {
  return new Fault('usage', message, { hint: `Usage: ${usageOf(command)}` })
}
