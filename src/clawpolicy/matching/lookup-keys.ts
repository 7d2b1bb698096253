import { programName } from '../command.ts'
import { normalizeText } from '../text.ts'
import { splitTrigger, type TriggerKind } from './triggers.ts'
import type { Rule } from '../types.ts'

/**
 * Where an index looks for a rule: one of these must hold for a task, or the rule cannot match it.
 */
export interface LookupKeys {
  /** Values that a task must have exactly, as `command:make thing`. */
  exact: string[]
  /** Words that a task's text must contain. */
  words: string[]
  /** The programs that are among the exact values. */
  programs: string[]
}

export const NO_KEYS: LookupKeys = { exact: [], words: [], programs: [] }

/**
 * All structured triggers of a rule must hold: it is looked up by the kind that the fewest tasks
 * have in common.
 */
const RAREST_FIRST: TriggerKind[] = ['command', 'task', 'file', 'keyword', 'task_type']

/**
 * How many rules are looked up by an exact value already: of several possible ones, a rule takes
 * the least used.
 */
type LookupUse = (key: string) => number

/** `byProgram`: `runs:` triggers have a meaning, see the correction `kinds-of-commands`. */
export function lookupKeys(rule: Rule, byProgram: boolean, use: LookupUse): LookupKeys {
  const triggers = rule.trigger.map(splitTrigger).filter((trigger) => trigger !== undefined)
  const structured = triggers.filter(({ kind }) => kind !== 'runs')
  const values = triggers.filter(({ kind }) => kind === 'runs').map(({ value }) => value)
  const runs = values.map((value) => leastUsed(programKeys(value), use))
  const programs = values.map(programName)
  if (byProgram && runs.length > 0 && structured.every(({ kind }) => kind === 'task_type'))
    return { exact: [leastUsed(runs, use)], words: [], programs }
  if (structured.length === 0) {
    // Whether `runs:` has a meaning is for the engine to say: such a rule is found by either
    // reading of it.
    return {
      exact: [...rule.trigger.map((trigger) => `task_type:${trigger}`), ...runs],
      words: rule.trigger.map(normalizeText),
      programs,
    }
  }
  const kind = RAREST_FIRST.find((name) =>
    structured.some((trigger) => trigger.kind === name),
  ) as TriggerKind
  const wanted = structured
    .filter((trigger) => trigger.kind === kind)
    .map(({ value }) => (kind === 'task_type' ? value : normalizeText(value)))
  const longest = wanted.reduce((best, value) => (value.length > best.length ? value : best))
  return kind === 'keyword'
    ? { ...NO_KEYS, words: [longest] }
    : { ...NO_KEYS, exact: [`${kind}:${longest}`] }
}

/**
 * A program with each of the words that must follow it, as `CommandLine.programs` lists them; all
 * must be found.
 */
function programKeys(value: string): string[] {
  const [, ...words] = value.split(' ')
  const name = `runs:${programName(value)}`
  return words.length === 0 ? [name] : words.map((word) => `${name} ${word}`)
}

/** Of equally used ones the last: later words say more of what is meant. */
function leastUsed(keys: readonly string[], use: LookupUse): string {
  return keys.reduce((best, key) => (use(key) <= use(best) ? key : best))
}
