import { Fault } from '../../base/fault.ts'
import { kebab, schemaAt, usageOf, type Param, type Spelling } from './spelling.ts'

/** A command line, understood. `help.words` may be a part of a command: `policy`. */
export type Parsed =
  | { kind: 'run'; spelling: Spelling; input: Record<string, unknown>; json: boolean }
  | { kind: 'help'; words: string[]; spelling: Spelling | undefined; json: boolean }
  | { kind: 'version' }

/**
 * Finds the face that the words spell, and its input from places and flags. Values stay as typed: their meaning is
 * checked against the face's schema afterwards. Faults: `usage`, with what was meant when it can be guessed.
 */
export function parse(argv: readonly string[], known: readonly Spelling[]): Parsed {
  const dashes = argv.indexOf('--')
  const before = dashes < 0 ? argv : argv.slice(0, dashes)
  const words = before.filter((word) => !word.startsWith('-'))
  const json = before.includes('--json')
  if (words[0] === 'help') return { kind: 'help', ...found(words.slice(1), known, true), json }
  if (before.includes('--help') || before.includes('-h'))
    return { kind: 'help', ...found(words, known, true), json }
  if (words.length === 0 && (before.includes('--version') || before.includes('-V')))
    return { kind: 'version' }
  const { spelling } = found(words, known, false)
  if (spelling === undefined)
    throw new Fault('usage', 'say which command', { hint: '`clawdeck --help` lists them.' })
  return { kind: 'run', spelling, input: inputOf(argv, spelling), json }
}

function found(
  words: string[],
  known: readonly Spelling[],
  part: boolean,
): { words: string[]; spelling: Spelling | undefined } {
  let best: Spelling | undefined
  for (const spelling of known) {
    if (
      spelling.words.every((word, at) => words[at] === word) &&
      spelling.words.length > (best?.words.length ?? 0)
    )
      best = spelling
  }
  if (best !== undefined || words.length === 0) return { words, spelling: best }
  if (part && known.some((spelling) => spelling.words[0] === words[0]))
    return { words, spelling: undefined }
  throw unknown(words, known)
}

/** Says which commands begin that way, or which one was probably meant. */
function unknown(words: readonly string[], known: readonly Spelling[]): Fault {
  const group = known.filter((spelling) => spelling.words[0] === words[0])
  if (group.length > 0) {
    const verbs = group.map((spelling) => spelling.words[1]).join(', ')
    const said =
      words[1] === undefined
        ? `\`${words[0]}\` needs a word more`
        : `there is no command \`${words[0]} ${words[1]}\``
    return new Fault('usage', said, { hint: `After \`${words[0]}\` come ${verbs}.` })
  }
  return new Fault('usage', `there is no command \`${words[0]}\``)
}

function inputOf(argv: readonly string[], spelling: Spelling): Record<string, unknown> {
  const { face, words, params } = spelling
  const flags = Object.entries(face.flags ?? {})
  // Of this module an import reads everything, which takes 5 ms.
  const { parseArgs } = process.getBuiltinModule('node:util')
  const { values, tokens } = strictly(spelling, () =>
    parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      tokens: true,
      options: {
        json: { type: 'boolean' },
        ...Object.fromEntries(
          flags.map(([key, flag]) => [
            kebab(key),
            {
              type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
              multiple: flag.many === true,
              ...(flag.short === undefined ? {} : { short: flag.short }),
            },
          ]),
        ),
      },
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
  return { ...input, ...placesOf(typed.slice(words.length), params, spelling) }
}

function placesOf(
  typed: { value: string; raw: boolean }[],
  params: readonly Param[],
  spelling: Spelling,
): Record<string, unknown> {
  const rawly = params.some((param) => param.raw)
  const astray = rawly
    ? typed.filter((word) => !word.raw)[params.filter((param) => !param.raw).length]
    : undefined
  if (astray !== undefined) throw usage(spelling, `put \`--\` before \`${astray.value}\``)
  const input: Record<string, unknown> = {}
  const left = [...typed]
  for (const param of params) {
    const mine = (): boolean => left[0] !== undefined && (!rawly || left[0].raw === param.raw)
    if (param.many) {
      const many: string[] = []
      while (mine()) many.push((left.shift() as { value: string }).value)
      if (many.length > 0) input[param.key] = many
    } else if (mine()) {
      input[param.key] = (left.shift() as { value: string }).value
    }
    if (param.required && input[param.key] === undefined && !spared(param, spelling))
      throw usage(spelling, `<${param.key}> is missing`)
  }
  const extra = left[0]
  if (extra === undefined) return input
  throw usage(spelling, `\`${extra.value}\` is one word too many`)
}

/** Words behind `--` may be absent where the schema has a default for them. */
function spared(param: Param, { face }: Spelling): boolean {
  return param.raw && schemaAt(face, param.key)?.safeParse(undefined).success === true
}

function strictly<T>(spelling: Spelling, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw usage(
      spelling,
      error instanceof Error ? error.message.replace(/\. To specify.*/s, '') : String(error),
    )
  }
}

function usage(spelling: Spelling, what: string): Fault {
  return new Fault('usage', what, { hint: `Usage: ${usageOf(spelling)}` })
}
