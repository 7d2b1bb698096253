import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
} from 'yaml'
import type { z } from 'zod'
import { errno, Fault, type FaultCode } from '../base/fault.ts'
import { count, plain } from '../base/text.ts'
import { readBounded } from './files.ts'
import { mistakeOf, type Mistake } from './yaml-mistake.ts'

/** The file's name for people, and the fault code of mistakes in it. */
export interface YamlSource {
  file: string
  code: FaultCode
}

const MAX_BYTES = 256 * 1024
const MAX_ALIASES = 100

/** A text that YAML could parse, and what is needed to point at a place in it. */
interface ParsedYaml {
  source: YamlSource
  text: string
  lines: LineCounter
  doc: Document.Parsed
}

/**
 * Parses YAML text and checks it against a schema. A mistake is one Fault of the source's code that
 * names the file, line and column (from 1), the key, what was there and what is allowed. Text over
 * 256 KiB, alias bombs and unknown tags are mistakes too.
 */
export function parseYaml<T extends z.ZodType>(
  text: string,
  schema: T,
  source: YamlSource,
): z.output<T> {
  if (text.length > MAX_BYTES) throw tooLarge(source)
  const parsed = parseText(text, source)
  const value = toValue(parsed)
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [first, ...rest] = checked.error.issues
    .map((issue) => mistakeOf(issue, schema, value))
    .sort(byRankAndPosition(parsed.doc))
  throw mistakeFault(parsed, first as Mistake, rest.length)
}

/**
 * The same for a file, and its text. Fault `not.found` when the file does not exist; one of the
 * source's code when it cannot be read.
 */
export async function readYaml<T extends z.ZodType>(
  path: string,
  schema: T,
  source: YamlSource,
): Promise<{ value: z.output<T>; text: string }> {
  let text: string
  try {
    text = await readBounded(path, MAX_BYTES)
  } catch (cause) {
    const code = errno(cause)
    if (code === 'EFBIG') throw tooLarge(source)
    if (code === 'ENOENT')
      throw new Fault('not.found', `${source.file} does not exist.`, {
        hint: `It was expected at ${path}.`,
        cause,
      })
    throw new Fault(source.code, `${source.file} cannot be read (${code ?? 'unknown reason'}).`, {
      hint: `Check its owner and mode: ls -l ${path}`,
      cause,
    })
  }
  return { value: parseYaml(text, schema, source), text }
}

function tooLarge({ file, code }: YamlSource): Fault {
  return new Fault(code, `${file} is larger than ${MAX_BYTES / 1024} KiB.`, {
    hint: 'Such files are usually a few lines long. Check that it is the right file.',
  })
}

function parseText(text: string, source: YamlSource): ParsedYaml {
  const { file, code } = source
  const lines = new LineCounter()
  let doc: Document.Parsed
  try {
    doc = parseDocument(text, {
      prettyErrors: false,
      stringKeys: true,
      lineCounter: lines,
      logLevel: 'error',
    })
  } catch (cause) {
    throw new Fault(code, `${file} is nested too deeply to be read.`, {
      hint: 'Use fewer levels.',
      cause,
    })
  }
  const wrong = doc.errors[0] ?? doc.warnings[0]
  if (wrong === undefined) return { source, text, lines, doc }
  const at = position(lines, wrong.pos[0])
  throw new Fault(code, `${file}:${at}: this is not valid YAML: ${plain(wrong.message, 200)}`, {
    hint: `The line reads: ${lineText(text, lines, wrong.pos[0])}`,
    cause: wrong,
  })
}

function toValue({ doc, lines, source: { file, code } }: ParsedYaml): unknown {
  try {
    return doc.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (cause) {
    const unresolved = unresolvedAlias(doc)
    if (unresolved === undefined)
      throw new Fault(code, `${file} uses more aliases (*name) than allowed.`, {
        hint: 'Write the values out instead of using aliases.',
        cause,
      })
    const name = plain(unresolved.source, 60)
    const at = position(lines, start(unresolved) ?? 0)
    throw new Fault(
      code,
      `${file}:${at}: *${name} refers to nothing: no &${name} comes before it.`,
      { hint: 'To start a text with *, put it in quotes.', cause },
    )
  }
}

function unresolvedAlias(doc: Document.Parsed): Alias | undefined {
  let found: Alias | undefined
  visit(doc, {
    Alias(_, alias) {
      if (alias.resolve(doc) !== undefined) return undefined
      found = alias
      return visit.BREAK
    },
  })
  return found
}

/** By rank, then from the top of the file down. */
function byRankAndPosition(doc: Document.Parsed): (a: Mistake, b: Mistake) => number {
  return (a, b) => a.rank - b.rank || locate(doc, a).offset - locate(doc, b).offset
}

function mistakeFault(
  { doc, lines, text, source: { file, code } }: ParsedYaml,
  first: Mistake,
  others: number,
): Fault {
  const { offset, node } = locate(doc, first)
  const key = first.path.length === 0 ? 'the file' : plain(first.path.map(String).join('.'), 120)
  const found = first.showValue ? ` (there: ${shown(node, text)})` : ''
  const more = others === 0 ? '' : ` ${count(others, 'more mistake')} after this one.`
  return new Fault(
    code,
    `${file}:${position(lines, offset)}: ${key}: ${plain(first.text, 600)}${found}`,
    { hint: plain(`${first.fix}${more}`, 600) },
  )
}

/** The key or value that a mistake is about, or else the nearest enclosing one in the text. */
function locate(
  doc: Document.Parsed,
  { path, atKey }: Mistake,
): { offset: number; node: Node | null } {
  let node = doc.contents as Node | null
  let offset = start(node) ?? 0
  for (const [i, step] of path.entries()) {
    const { key, value } = child(doc, node, step)
    const wanted = atKey && i === path.length - 1 ? start(key) : (start(value) ?? start(key))
    offset = wanted ?? offset
    node = value
  }
  return { offset, node }
}

function child(
  doc: Document.Parsed,
  parent: Node | null,
  step: PropertyKey,
): { key: Node | null; value: Node | null } {
  const node = isAlias(parent) ? parent.resolve(doc) : parent
  if (isSeq<Node>(node)) return { key: null, value: node.items[Number(step)] ?? null }
  const pair = isMap<Node, Node | null>(node)
    ? node.items.find(({ key }) => isScalar(key) && key.value === step)
    : undefined
  return { key: pair?.key ?? null, value: pair?.value ?? null }
}

function start(node: Node | null): number | undefined {
  return node?.range?.[0]
}

function shown(node: Node | null, text: string): string {
  if (!node?.range) return 'nothing'
  const written = text.slice(node.range[0], node.range[1]).trim()
  if (written === '') return 'nothing'
  const line = written.split('\n', 1)[0] as string
  return plain(line.length < written.length ? `${line} …` : line, 60)
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${Math.max(line, 1)}:${Math.max(col, 1)}`
}

function lineText(text: string, lines: LineCounter, offset: number): string {
  const { line } = lines.linePos(offset)
  return plain((text.split('\n')[Math.max(line, 1) - 1] ?? '').trim(), 120)
}
