import { Fault } from '../../base/fault.ts'
import type { Outcome } from '../../domain/approvals/types.ts'
import { parseJsonObject } from '../../wire/body.ts'
import type { Question } from '../../domain/policy/types.ts'

/**
 * Input from agents is parsed by hand, because a schema library would cost every question more than
 * the rest of the door. `normalise` checks meaning and bounds.
 */
const FIELDS = new Set([
  'type',
  'target',
  'argv',
  'cwd',
  'reversible',
  'systems',
  'goal',
  'scope',
  'risk',
])
const MAX_ITEMS = 1024

/** Parses a question from a JSON object or an HTML form. Fault `input.invalid` names the field. */
export function parseQuestion(body: string): Question {
  const given =
    body.trimStart().startsWith('{') || !/^[\w.-]+=/.test(body)
      ? parseJsonObject(body)
      : fromForm(body)
  const extra: Record<string, unknown> = {}
  for (const key of Object.keys(given))
    if (!FIELDS.has(key) && key !== '__proto__') extra[key] = given[key]
  const question = {
    type: text(given, 'type'),
    target: text(given, 'target'),
    argv: texts(given, 'argv'),
    cwd: text(given, 'cwd'),
    reversible: boolean(given, 'reversible'),
    systems: texts(given, 'systems'),
    goal: text(given, 'goal'),
    scope: text(given, 'scope'),
    risk: number(given, 'risk'),
    extra,
  }
  if (question.type === '')
    throw invalid(
      'type',
      'is missing',
      'Send the type of action: exec, net, file, tool, spend, message, or a custom type.',
    )
  return question
}

/**
 * Parses a question about a command: its words, each followed by NUL, percent-encoded if the query
 * has `enc=percent`.
 */
export function parseCommand(body: string, query: URLSearchParams): Question {
  const words = (query.get('enc') === 'percent' ? decode(body) : body).split('\0')
  if (words.at(-1) === '') words.pop()
  if (words.length === 0)
    throw invalid(
      'the body',
      'contains no words',
      'Send the words of the command, each followed by NUL.',
    )
  return {
    type: 'exec',
    target: '',
    argv: words,
    cwd: query.get('cwd') ?? '',
    reversible: query.get('reversible') === 'false' ? false : null,
    systems: [],
    goal: query.get('goal') ?? '',
    scope: '',
    risk: null,
    extra: {},
  }
}

/** Parses the outcome of an action from JSON or a form: `{result, exit_code?, note?}`. */
export function parseOutcome(body: string): Omit<Outcome, 'at'> {
  const given =
    body.trimStart().startsWith('{') || !/^\w+=/.test(body) ? parseJsonObject(body) : fromForm(body)
  const result = text(given, 'result')
  if (result !== 'success' && result !== 'failure' && result !== 'rollback')
    throw invalid('result', 'is not success, failure or rollback', 'Send the result of the action.')
  return {
    result,
    exitCode: exitCode(number(given, 'exit_code')),
    note: text(given, 'note').slice(0, 2000).toWellFormed(),
  }
}

/** Parses the outcome of a command from its exit code. */
export function parseExitCode(code: string | null): Omit<Outcome, 'at'> {
  const value = exitCode(code === null || !/^\d{1,3}$/.test(code) ? null : Number(code))
  if (value === null) throw invalid('code', 'is not an exit code', 'Send ?code= with 0 to 255.')
  return { result: value === 0 ? 'success' : 'failure', exitCode: value, note: '' }
}

function exitCode(value: number | null): number | null {
  if (value === null) return null
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw invalid('exit_code', 'is not 0 to 255', 'Send the exit code of the command.')
}

function decode(body: string): string {
  try {
    return decodeURIComponent(body)
  } catch (cause) {
    throw new Fault('input.invalid', 'the words are not percent-encoded UTF-8', {
      hint: 'Encode every byte as %xx.',
      cause,
    })
  }
}

function fromForm(body: string): Record<string, unknown> {
  const form = new URLSearchParams(body)
  const given: Record<string, unknown> = {}
  for (const key of new Set(form.keys())) {
    if (key !== '__proto__') given[key] = fieldOf(form, key)
  }
  return given
}

function fieldOf(form: URLSearchParams, key: string): unknown {
  const value = form.get(key) as string
  switch (key) {
    case 'argv':
      return form.getAll(key)
    case 'systems':
      return form.getAll(key).flatMap((systems) => systems.split(','))
    case 'reversible':
      return BOOLEANS.get(value) ?? value
    case 'risk':
    case 'exit_code':
      return value === '' ? null : Number(value)
    default:
      return value
  }
}

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
])

function text(given: Record<string, unknown>, key: string): string {
  const value = given[key]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw invalid(key, 'is not text', 'Send a string.')
  return value
}

function texts(given: Record<string, unknown>, key: string): string[] {
  const value = given[key]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some((v) => typeof v !== 'string'))
    throw invalid(key, 'is not a list of texts', 'Send a list of strings.')
  if (value.length > MAX_ITEMS)
    throw invalid(key, `has more than ${MAX_ITEMS} entries`, 'Send fewer.')
  return value as string[]
}

function boolean(given: Record<string, unknown>, key: string): boolean | null {
  const value = given[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'boolean')
    throw invalid(key, 'is not true or false', 'Send true or false, or omit it.')
  return value
}

function number(given: Record<string, unknown>, key: string): number | null {
  const value = given[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || Number.isNaN(value))
    throw invalid(key, 'is not a number', 'Send a number, or omit it.')
  return value
}

function invalid(field: string, what: string, hint: string): Fault {
  return new Fault('input.invalid', `\`${field}\` ${what}`, { hint })
}
