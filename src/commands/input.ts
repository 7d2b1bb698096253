import type { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { plain } from '../base/text.ts'

/** What an act or a face takes, and how it is typed. */
interface Takes {
  id: string
  input: z.ZodType | undefined
  cli?: string
}

/**
 * The input as its schema reads it. Fault `input.invalid` names the key, the value and the usage.
 */
export function parseInput({ id, input: schema, cli }: Takes, input: unknown): unknown {
  if (schema === undefined) return {}
  const result = schema.safeParse(input ?? {})
  if (result.success) return result.data
  const { text } = problemOf(result.error, input)
  const cause = result.error
  throw cli === undefined
    ? new Fault('input.invalid', `${id}: ${text}`, { cause, hint: 'Run `clawdeck --help`.' })
    : new Fault('input.invalid', text, { cause, hint: `Usage: clawdeck ${cli}` })
}

/** Everything that is wrong with an input, at most so many things. */
export function inputProblems({ issues }: z.ZodError, input: unknown, most = 20): string[] {
  return issues
    .slice(0, most)
    .map((issue) => problemOf({ issues: [issue] } as unknown as z.ZodError, input).text)
}

/** The first thing that is wrong with an input, and its key; '' for the input as a whole. */
export interface InputProblem {
  key: string
  text: string
}

/** What is wrong with an input: `tail: “abc” is not a number`. */
export function inputProblem(schema: z.ZodType, input: unknown): InputProblem | undefined {
  const result = schema.safeParse(input)
  return result.success ? undefined : problemOf(result.error, input)
}

function problemOf({ issues: [issue] }: z.ZodError, input: unknown): InputProblem {
  const path = issue?.path ?? []
  const value = path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  )
  const text = issue === undefined ? 'the input is not valid' : issueText(issue, value)
  return {
    key: String(path[0] ?? ''),
    text: path.length === 0 ? text : `${path.map(String).join('.')}: ${text}`,
  }
}

type Issue = z.core.$ZodIssue

/** Issues without a text here have their own message. */
const TEXTS: {
  [C in Issue['code']]?: (issue: Extract<Issue, { code: C }>, value: unknown) => string
} = {
  invalid_type: ({ expected }, value) =>
    value === undefined
      ? 'is required'
      : `${quoted(value)} is not ${TYPES[expected] ?? `of type ${expected}`}`,
  invalid_value: ({ values }, value) =>
    value === undefined
      ? `is required: ${listed(values)}`
      : `must be ${listed(values)}, not ${quoted(value)}`,
  too_small: ({ minimum, origin }) =>
    Number(minimum) === 1 && origin !== 'number'
      ? 'must not be empty'
      : `must be at least ${minimum}${unitOf(origin)}`,
  too_big: ({ maximum, origin }) => `must be at most ${maximum}${unitOf(origin)}`,
  unrecognized_keys: ({ keys }) => `unknown: ${keys.map((key) => plain(key, 64)).join(', ')}`,
}

function issueText(issue: Issue, value: unknown): string {
  const text = TEXTS[issue.code] as ((issue: Issue, value: unknown) => string) | undefined
  return text?.(issue, value) ?? issue.message
}

const TYPES: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  date: 'a time such as 2026-01-31T12:00',
}

function quoted(value: unknown): string {
  return typeof value === 'object' ? 'this' : `“${plain(String(value), 60)}”`
}

/** `allow, warn or block` */
function listed(values: readonly unknown[]): string {
  const names = values.map(String)
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' items' : ''
}
