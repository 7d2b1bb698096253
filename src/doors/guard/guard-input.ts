import { Fault } from '../../base/fault.ts'
import type { Outcome } from '../../domain/approvals/types.ts'
import { parseJsonObject } from '../../wire/body.ts'
import type { Question } from '../../domain/policy/types.ts'

/**
 * What agents send, shaped by hand: this is on the way of every question, where a schema library costs more than the rest
 * of the door. Meaning and bounds are checked once, by `normalise`.
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
const MOST_ITEMS = 1024

/** A question from a JSON object or an HTML form. Fault `input.invalid` names the field. */
export function questionOf(body: string): Question {
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
    reversible: truth(given, 'reversible'),
    systems: texts(given, 'systems'),
    goal: text(given, 'goal'),
    scope: text(given, 'scope'),
    risk: number(given, 'risk'),
    extra,
  }
  if (question.type === '')
    throw wrong(
      'type',
      'is missing',
      'Say what kind of action: exec, net, file, tool, spend, message, or a type of your own.',
    )
  return question
}

/** A question about a command, from its words with a NUL after each, percent-encoded when `encoded`. */
export function commandOf(body: string, query: URLSearchParams): Question {
  const words = (query.get('enc') === 'percent' ? decode(body) : body).split('\0')
  if (words.at(-1) === '') words.pop()
  if (words.length === 0)
    throw wrong(
      'the body',
      'holds no words',
      'Send the words of the command, each followed by a NUL.',
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

/** What became of an action, from JSON or a form: `{result, exit_code?, note?}`. */
export function outcomeOf(body: string): Omit<Outcome, 'at'> {
  const given =
    body.trimStart().startsWith('{') || !/^\w+=/.test(body) ? parseJsonObject(body) : fromForm(body)
  const result = text(given, 'result')
  if (result !== 'success' && result !== 'failure' && result !== 'rollback')
    throw wrong(
      'result',
      'is not one of success, failure, rollback',
      'Say what became of the action.',
    )
  return {
    result,
    exitCode: exitCode(number(given, 'exit_code')),
    note: text(given, 'note').slice(0, 2000).toWellFormed(),
  }
}

/** What became of a command, from its exit code. */
export function outcomeOfExit(code: string | null): Omit<Outcome, 'at'> {
  const value = exitCode(code === null || !/^\d{1,3}$/.test(code) ? null : Number(code))
  if (value === null) throw wrong('code', 'is no exit code', 'Send ?code= with 0 to 255.')
  return { result: value === 0 ? 'success' : 'failure', exitCode: value, note: '' }
}

function exitCode(value: number | null): number | null {
  if (value === null) return null
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw wrong('exit_code', 'is not 0 to 255', 'Send the exit code as it was.')
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
    const value = form.get(key) as string
    if (key === 'argv') given[key] = form.getAll(key)
    else if (key === 'systems') given[key] = form.getAll(key).flatMap((s) => s.split(','))
    else if (key === 'reversible')
      given[key] = value === 'true' ? true : value === 'false' ? false : value
    else if (key === 'risk' || key === 'exit_code') given[key] = value === '' ? null : Number(value)
    else if (key !== '__proto__') given[key] = value
  }
  return given
}

function text(given: Record<string, unknown>, key: string): string {
  const value = given[key]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrong(key, 'is no text', 'Send it as a string.')
  return value
}

function texts(given: Record<string, unknown>, key: string): string[] {
  const value = given[key]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some((v) => typeof v !== 'string'))
    throw wrong(key, 'is no list of texts', 'Send a list of strings.')
  if (value.length > MOST_ITEMS)
    throw wrong(key, `has more than ${MOST_ITEMS} entries`, 'Send fewer.')
  return value as string[]
}

function truth(given: Record<string, unknown>, key: string): boolean | null {
  const value = given[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'boolean')
    throw wrong(key, 'is not true or false', 'Send true or false, or leave it out.')
  return value
}

function number(given: Record<string, unknown>, key: string): number | null {
  const value = given[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || Number.isNaN(value))
    throw wrong(key, 'is no number', 'Send a number, or leave it out.')
  return value
}

function wrong(field: string, what: string, hint: string): Fault {
  return new Fault('input.invalid', `\`${field}\` ${what}`, { hint })
}
