import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import * as z from 'zod'
import { errno, Fault } from '../base/fault.ts'

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/

const Settings = z.strictObject({
  backend: z.enum(['auto', 'podman', 'local']).default('auto'),
  image: z.string().min(1).max(200).default('localhost/clawdeck-agent:latest'),
  approvals: z.strictObject({
    expiryMinutes: z.number().min(0.05).max(1440).default(5),
  }).prefault({}),
  console: z.strictObject({
    theme: z.string().regex(/^[a-z0-9-]{1,32}$/, 'a theme name has a–z, 0–9 and -').default('dark'),
    bell: z.boolean().default(true),
    notify: z.boolean().default(true),
    quietHours: z.string().regex(HOURS, 'write quiet hours as "22:00-07:00"').nullable().default(null),
  }).prefault({}),
})

/** What an operator may choose in `config.yaml`. Every key has a default, so no file is a file with none. */
export type Settings = z.output<typeof Settings>

/** `config.yaml` as `init` writes it: every key with its default, commented out, so that defaults may improve. */
export const SETTINGS_TEXT = `# Settings of this deck. A key that is commented out has the value shown.

# Where new pods run: auto (podman if it is there, else local), podman or local.
# backend: auto

# The image that new agents run, made by \`clawdeck image build\`.
# image: localhost/clawdeck-agent:latest

# approvals:
#   # An approval that nobody decides in this time is denied.
#   expiryMinutes: 5

# console:
#   # A file of themes/, yours in this folder first.
#   theme: dark
#   # Ring the bell, and notify through the terminal, when a new approval arrives.
#   bell: true
#   notify: true
#   # In these hours it stays quiet, as "22:00-07:00". null for none.
#   quietHours: null
`

/** Reads `config.yaml`. No file gives the defaults. Fault `config.invalid` names file, line, key and what is allowed. */
export function readSettings(path: string): Settings {
  return parseSettings(textOf(path), path)
}

/** The settings that a YAML text means; `path` is for the messages. */
export function parseSettings(text: string, path: string): Settings {
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const broken = doc.errors[0]
  if (broken !== undefined) throw invalid(path, lines.linePos(broken.pos[0]).line, broken.message)
  const result = Settings.safeParse(doc.toJS() ?? {})
  if (result.success) return result.data
  const issue = result.error.issues[0] as z.core.$ZodIssue
  const key = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : [...issue.path]
  const node: unknown = doc.getIn(key, true)
  throw invalid(path, lineOf(node, lines), `${key.join('.')}: ${saying(issue)}`)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errno(error) === 'ENOENT') return ''
    throw new Fault('config.invalid', `cannot read ${path}`, { cause: error, hint: 'Check that the file is yours and readable.' })
  }
}

function saying(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `no such key; ${keysAt(issue.path)}`
  if (issue.code === 'invalid_value') return `use one of ${issue.values.join(', ')}`
  return issue.message
}

function keysAt(path: readonly PropertyKey[]): string {
  const shapes: Record<string, readonly string[]> = {
    '': Object.keys(Settings.shape), approvals: ['expiryMinutes'], console: ['theme', 'bell', 'notify', 'quietHours'],
  }
  return `use one of ${(shapes[path.join('.')] ?? []).join(', ')}`
}

function lineOf(node: unknown, lines: LineCounter): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null | undefined) : undefined
  return range?.[0] === undefined ? undefined : lines.linePos(range[0]).line
}

function invalid(path: string, line: number | undefined, what: string): Fault {
  return new Fault('config.invalid', `${path}${line === undefined ? '' : `:${line}`}: ${what}`, { hint: 'Correct the line, or remove it for the default.' })
}
