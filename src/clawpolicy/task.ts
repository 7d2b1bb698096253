import { runsAny, runsOnly, structureOf, type Structure } from '../command-analysis/structure.ts'
import { normalizeText, pythonString, truncate } from './text.ts'
import type { Corrections } from './corrections.ts'
import type { Task } from './types.ts'

/** What a task says under a key, as text; nothing said is empty. */
export function textOf(task: Task, key: string): string {
  return Object.hasOwn(task, key) && task[key] !== undefined ? pythonString(task[key]) : ''
}

/** The files a task names; anything but a list is none. */
export function filesOf(task: Task): string[] {
  const files = Object.hasOwn(task, 'files') ? task['files'] : undefined
  return Array.isArray(files) || files instanceof Set
    ? [...(files as Iterable<unknown>)].map(pythonString)
    : []
}

/** A line that says what a task is: its summary, or the beginning of its description, or of its command. */
export function taskSummary(task: Task): string {
  return (
    textOf(task, 'task_summary') ||
    truncate(textOf(task, 'task_description'), 120) ||
    truncate(textOf(task, 'command'), 120)
  )
}

/** The task type that is recorded for a task that names none. */
export const DEFAULT_TYPE = 'T2'

/** A task as rules are compared with it, made once for each evaluation. */
export interface TaskView {
  /** The task type as it is compared: not normalised. */
  type: string
  /** Whether a trigger's value is this task's command. */
  isCommand: (value: string) => boolean
  command: string
  /** Normalised; undefined if it is not to be relied on. */
  summary: string | undefined
  files: ReadonlySet<string>
  /** Whether a trigger's words begin what is run; undefined where that is not asked. */
  runs: ((value: string) => boolean) | undefined
  /** What a shell would do with the command. */
  structure: () => Structure
  /** Where words are looked for, normalised: summary, description and command. */
  prose: string
}

export function taskView(task: Task, corrections: Corrections): TaskView {
  const [summary, command] = [
    normalizeText(taskSummary(task)),
    normalizeText(textOf(task, 'command')),
  ]
  const type = textOf(task, 'task_type')
  const structure = once(() => structureOf(textOf(task, 'command')))
  return {
    type: type === '' && corrections['one-task-type'] ? DEFAULT_TYPE : type,
    isCommand: (value) => normalizeText(value) === command,
    command,
    summary,
    files: new Set(filesOf(task).map(normalizeText)),
    runs: corrections['kinds-of-commands'] ? (value) => runsAny(structure(), value) : undefined,
    structure,
    prose: normalizeText([summary, textOf(task, 'task_description'), command].join(' ')),
  }
}

/** Made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** The same for rules that allow, where that is corrected: by its very command, if it has one, and not by what is said about it. */
export function exactTaskView(whole: TaskView, task: Task, corrections: Corrections): TaskView {
  const runs =
    whole.runs === undefined
      ? undefined
      : (value: string) =>
          runsOnly(whole.structure(), value, isStatement(whole.type, whole.structure()))
  if (!corrections['allowing-is-exact']) return { ...whole, runs }
  const command = asTyped(textOf(task, 'command'))
  const exact = { ...whole, runs, isCommand: (value: string) => asTyped(value) === command }
  return command === '' ? exact : { ...exact, summary: undefined, prose: whole.command }
}

/** Whether a task's command is none: its first word is its own type, and nothing of it will be run. */
export function isStatement(type: string, { runs: [run] }: Structure): boolean {
  return type !== 'exec' && run?.words[0] === type
}

const BLANKS = new Set([' ', '\t', '\n'])

/** A command without what a shell passes over before and after it; other white space than the shell's is part of a word. */
export function asTyped(command: string): string {
  let [from, to] = [0, command.length]
  while (from < to && BLANKS.has(command[from] as string)) from++
  while (to > from && BLANKS.has(command[to - 1] as string) && command[to - 2] !== '\\') to--
  return command.slice(from, to)
}
