import { pythonString, truncate } from './text.ts'
import type { Task } from './types.ts'

/** A task's value for a key, as text; empty where it has none. */
export function textOf(task: Task, key: string): string {
  return Object.hasOwn(task, key) && task[key] !== undefined ? pythonString(task[key]) : ''
}

/** The files a task names; anything but a list counts as none. */
export function filesOf(task: Task): string[] {
  const files = Object.hasOwn(task, 'files') ? task['files'] : undefined
  return Array.isArray(files) || files instanceof Set
    ? [...(files as Iterable<unknown>)].map(pythonString)
    : []
}

/**
 * One line about a task: its summary, or the first 120 code points of its description or command.
 */
export function taskSummary(task: Task): string {
  return (
    textOf(task, 'task_summary') ||
    truncate(textOf(task, 'task_description'), 120) ||
    truncate(textOf(task, 'command'), 120)
  )
}

/** The task type that is recorded for a task without one. */
export const DEFAULT_TYPE = 'T2'

const SHELL_BLANKS = new Set([' ', '\t', '\n'])

/**
 * A command without the blanks that a shell ignores around it; other white space is part of a word.
 */
export function asTyped(command: string): string {
  let [from, to] = [0, command.length]
  while (from < to && SHELL_BLANKS.has(command[from] as string)) from++
  while (to > from && SHELL_BLANKS.has(command[to - 1] as string) && command[to - 2] !== '\\') to--
  return command.slice(from, to)
}
