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
import { complaintOf, type Complaint } from './yaml-complaint.ts'

/** Where the text comes from, as it is named to people, and the code that a mistake in it has. */
export interface YamlSource {
  file: string
  code: FaultCode
}

const LARGEST = 256 * 1024
const MOST_ALIASES = 100

/**
 * YAML text, checked by a schema. A mistake is one Fault of the source's code that names file, line and column (from 1),
 * the key, what was there and what is allowed. Text over 256 KiB, alias bombs and unknown tags are mistakes too.
 */
export function parseYaml<T extends z.ZodType>(
  text: string,
  schema: T,
  source: YamlSource,
): z.output<T> {
  if (text.length > LARGEST) throw tooLarge(source)
  const lines = new LineCounter()
  const doc = parseText(text, lines, source)
  const value = toValue(doc, lines, source)
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [first, ...rest] = checked.error.issues
    .map((issue) => complaintOf(issue, schema, value))
    .sort(byPlace(doc))
  throw violation(first as Complaint, rest.length, doc, lines, text, source)
}

/** The same for a file, whose text is answered as well. A file that cannot be read is a Fault of the source's code, a missing one `not.found`. */
export async function readYaml<T extends z.ZodType>(
  path: string,
  schema: T,
  source: YamlSource,
): Promise<{ value: z.output<T>; text: string }> {
  let text: string
  try {
    text = await readBounded(path, LARGEST)
  } catch (cause) {
    const code = errno(cause)
    if (code === 'EFBIG') throw tooLarge(source)
    if (code === 'ENOENT')
      throw new Fault('not.found', `${source.file} is not there.`, {
        hint: `It was looked for at ${path}.`,
        cause,
      })
    throw new Fault(source.code, `${source.file} cannot be read (${code ?? 'unknown reason'}).`, {
      hint: `Look at its owner and mode: ls -l ${path}`,
      cause,
    })
  }
  return { value: parseYaml(text, schema, source), text }
}

function tooLarge({ file, code }: YamlSource): Fault {
  return new Fault(code, `${file} is larger than ${LARGEST / 1024} KiB.`, {
    hint: 'A file of this kind is a few lines long; is it the right one?',
  })
}

function parseText(text: string, lines: LineCounter, { file, code }: YamlSource): Document.Parsed {
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
  if (wrong === undefined) return doc
  const at = spot(lines, wrong.pos[0])
  const hint = `The line reads: ${lineText(text, lines, wrong.pos[0])}`
  throw new Fault(code, `${file}:${at}: this is not valid YAML: ${plain(wrong.message, 200)}`, {
    hint,
    cause: wrong,
  })
}

function toValue(doc: Document.Parsed, lines: LineCounter, { file, code }: YamlSource): unknown {
  try {
    return doc.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (cause) {
    const lost = lostAlias(doc)
    if (lost === undefined) {
      throw new Fault(
        code,
        `${file} repeats itself through aliases (*name) more than is allowed.`,
        { hint: 'Write the values out instead of using aliases.', cause },
      )
    }
    const name = plain(lost.source, 60)
    throw new Fault(
      code,
      `${file}:${spot(lines, start(lost) ?? 0)}: *${name} refers to nothing: no &${name} comes before it.`,
      { hint: 'To begin a plain text with *, put it in quotes.', cause },
    )
  }
}

function lostAlias(doc: Document.Parsed): Alias | undefined {
  let lost: Alias | undefined
  visit(doc, {
    Alias(_, alias) {
      if (alias.resolve(doc) !== undefined) return undefined
      lost = alias
      return visit.BREAK
    },
  })
  return lost
}

/** By weight, then in the order of the file, so that people meet them from the top. */
function byPlace(doc: Document.Parsed): (a: Complaint, b: Complaint) => number {
  return (a, b) => a.rank - b.rank || place(doc, a).offset - place(doc, b).offset
}

function violation(
  first: Complaint,
  others: number,
  doc: Document.Parsed,
  lines: LineCounter,
  text: string,
  { file, code }: YamlSource,
): Fault {
  const { offset, node } = place(doc, first)
  const key = first.path.length === 0 ? 'the file' : plain(first.path.map(String).join('.'), 120)
  const there = first.showValue ? ` (there: ${shown(node, text)})` : ''
  const more = others === 0 ? '' : ` ${count(others, 'more mistake')} after this one.`
  return new Fault(
    code,
    `${file}:${spot(lines, offset)}: ${key}: ${plain(first.text, 600)}${there}`,
    { hint: plain(`${first.fix}${more}`, 600) },
  )
}

/** Where a complaint points: at a key or at a value, or at the nearest thing around it that was written. */
function place(
  doc: Document.Parsed,
  { path, atKey }: Complaint,
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

function spot(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${Math.max(line, 1)}:${Math.max(col, 1)}`
}

function lineText(text: string, lines: LineCounter, offset: number): string {
  const { line } = lines.linePos(offset)
  return plain((text.split('\n')[Math.max(line, 1) - 1] ?? '').trim(), 120)
}
