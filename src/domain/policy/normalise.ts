import { Fault } from '../../base/fault.ts'
import { plainWords } from '../../command-analysis/shell/plain-words.ts'
import { asTyped } from '../../clawpolicy/task.ts'
import type { Action, Question } from './types.ts'
import { quote } from '../../base/quote.ts'

/**
 * Limits in characters and entries. What will be done is never cut: a question beyond a limit is
 * refused.
 */
export const ACTION_LIMITS = {
  target: 4096,
  words: 1024,
  cwd: 4096,
  goal: 2000,
  scope: 1000,
  systems: 32,
  system: 64,
  extraKeys: 32,
  extraDepth: 4,
  extraChars: 8192,
} as const

const TYPE = /^[a-z][a-z0-9_.-]{0,31}$/

/**
 * A question, as the action that is judged, shown and journalled. For exec the words are the truth
 * and the target is made from them, so that what is shown is what runs. Fault `input.invalid`.
 */
export function normalise(question: Question): Action {
  const type = question.type.toLowerCase()
  if (!TYPE.test(type))
    throw invalid(
      '`type` is 1 to 32 of a–z, 0–9, `_`, `.` and `-`, and begins with a letter',
      'Use exec, net, file, tool, spend, message, or a type of your own.',
    )
  const { target, argv } =
    type === 'exec'
      ? command(question.target, question.argv)
      : {
          target: tidyTarget(
            type,
            withMethod(type, exact(question.target, 'target'), question.extra),
          ),
          argv: [],
        }
  if (target.trim() === '')
    throw invalid('`target` is empty', 'Say what is acted on: a command line, a URL, a path.')
  if (target.length > ACTION_LIMITS.target)
    throw invalid(
      `\`target\` has ${target.length} characters, at most ${ACTION_LIMITS.target} can be evaluated`,
      'Put a long command into a script, and ask for that.',
    )
  return {
    type,
    target,
    argv,
    cwd: exact(question.cwd, 'cwd').slice(0, ACTION_LIMITS.cwd),
    reversible: question.reversible,
    systems: systems(question.systems),
    goal: prose(question.goal, ACTION_LIMITS.goal),
    scope: prose(question.scope, ACTION_LIMITS.scope),
    claimedRisk:
      question.risk === null || Number.isNaN(question.risk)
        ? null
        : Math.round(Math.min(100, Math.max(0, question.risk))),
    extra: boundedExtra(question.extra),
    ...(question.gate === undefined ? {} : { gate: question.gate }),
  }
}

/** A question that says no more than what is to be done. */
export function plainQuestion(type: string, target: string, cwd = ''): Question {
  return {
    type,
    target,
    argv: [],
    cwd,
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    risk: null,
    extra: {},
  }
}

/** An action after an operator's edit of its target or its words. Fault `input.invalid`. */
export function edited(
  action: Action,
  edit: { target?: string | undefined; argv?: string[] | undefined },
): Action {
  const argv = edit.argv ?? (edit.target === undefined ? action.argv : [])
  return normalise({
    ...action,
    target: edit.target ?? action.target,
    argv,
    risk: action.claimedRisk,
  })
}

function invalid(message: string, hint: string): Fault {
  return new Fault('input.invalid', message, { hint })
}

function command(target: string, argv: readonly string[]): { target: string; argv: string[] } {
  if (argv.length > ACTION_LIMITS.words)
    throw invalid(
      `a command of ${argv.length} words, at most ${ACTION_LIMITS.words} can be evaluated`,
      'Put a long command into a script, and ask for that.',
    )
  if (argv[0] === '')
    throw invalid('the first word of the command is empty', 'Name the program to run.')
  const words =
    argv.length > 0
      ? argv.map((word) => exact(word, 'argv'))
      : plainWords(asTyped(exact(target, 'target')))
  return words === undefined
    ? { target: asTyped(target), argv: [] }
    : { target: quote(words), argv: words }
}

/** Text that is acted on. It is never changed: what cannot be kept is refused. */
function exact(text: string, field: string): string {
  if (text.includes('\0') || !text.isWellFormed())
    throw invalid(`\`${field}\` holds a NUL or broken Unicode`, 'Send valid UTF-8 without NUL.')
  return text
}

function prose(text: string, max: number): string {
  return text.slice(0, max).toWellFormed().replaceAll('\0', '\uFFFD')
}

function systems(given: readonly string[]): string[] {
  const names = given
    .slice(0, ACTION_LIMITS.systems)
    .map((s) => prose(s.trim().toLowerCase(), ACTION_LIMITS.system))
  return [...new Set(names)].filter((s) => s !== '')
}

/**
 * A request's method may be given separately. It is part of the target, and must not contradict it.
 */
function withMethod(type: string, target: string, { method }: Record<string, unknown>): string {
  if (type !== 'net' || method === undefined) return target
  const [, named] = /^\s*([A-Za-z]+) +/.exec(target) ?? []
  if (
    typeof method !== 'string' ||
    !/^[A-Za-z]{1,20}$/.test(method) ||
    (named !== undefined && named.toUpperCase() !== method.toUpperCase())
  )
    throw invalid(
      '`method` is not a method, or is not the one in the target',
      'Give it once: POST https://api.example.com/v1.',
    )
  return named === undefined ? `${method} ${target.trim()}` : target
}

/**
 * One spelling for one thing: host names in lower case, and paths without `.` and double slashes.
 */
function tidyTarget(type: string, target: string): string {
  const trimmed = target.trim()
  if (type === 'net')
    return trimmed.replace(
      /^([A-Za-z]+ +)?([A-Za-z][A-Za-z0-9+.-]*:\/\/)?([^/?#\s]*)/,
      (_, method: string | undefined, scheme: string | undefined, host: string) =>
        `${method === undefined ? '' : `${method.trim().toUpperCase()} `}${(scheme ?? '').toLowerCase()}${host.toLowerCase()}`,
    )
  if (type === 'file') return trimmed.replace(/(?:\/\.)+(?=\/|$)/g, '').replace(/\/{2,}/g, '/')
  return trimmed
}

function boundedExtra(extra: Record<string, unknown>): Record<string, unknown> {
  return boundedEntries(extra, ACTION_LIMITS.extraDepth, { chars: ACTION_LIMITS.extraChars })
}

/** A copy within the limits that has a canonical form. */
function bounded(value: unknown, depth: number, budget: { chars: number }): unknown {
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'string') {
    const text = prose(value, Math.max(0, budget.chars))
    budget.chars -= text.length + 2
    return text
  }
  if (typeof value !== 'object' || depth === 0) return '…'
  if (!Array.isArray(value)) return boundedEntries(value, depth, budget)
  return value
    .slice(0, ACTION_LIMITS.extraKeys)
    .flatMap((item: unknown) => (budget.chars > 0 ? [bounded(item, depth - 1, budget)] : []))
}

function boundedEntries(
  value: object,
  depth: number,
  budget: { chars: number },
): Record<string, unknown> {
  const entries: [string, unknown][] = []
  for (const [key, item] of Object.entries(value)) {
    if (entries.length >= ACTION_LIMITS.extraKeys || budget.chars <= 0) break
    if (key === '__proto__') continue
    const name = prose(key, 64)
    budget.chars -= name.length + 4
    entries.push([name, bounded(item, depth - 1, budget)])
  }
  return Object.fromEntries(entries)
}
