import { splitTrigger } from '../../../clawpolicy/matching/triggers.ts'
import { baseName } from '../../../command-analysis/paths.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import type { Rule } from '../../../clawpolicy/types.ts'

/**
 * What the text of a recorded action must contain for a rule to match it. An action without it is
 * certainly not matched; one with it may or may not be.
 */
export interface Prefilter {
  /** The action's type. */
  type?: string
  /** Contained in a command, in upper or lower case. */
  letters?: string
  /**
   * Contained in a command, unless a shell could write them differently. The program comes first.
   */
  words?: readonly string[]
}

/** The strictest prefilter of a rule. */
export function prefilterOf({ trigger }: Pick<Rule, 'trigger'>): Prefilter {
  const parts = trigger.map(splitTrigger)
  // If no trigger has a kind, any one of them is enough for a match.
  if (parts.every((part) => part === undefined)) return {}
  const of = (kind: string) => parts.flatMap((part) => (part?.kind === kind ? [part.value] : []))
  const type = of('task_type')[0]
  const letters = longest(
    [...of('command').map(withoutFolder), ...of('keyword')].flatMap(
      (text) => normalizeText(text).match(/[a-z0-9_.-]+/g) ?? [],
    ),
  )
  const words = of('runs')[0]?.split(' ')
  return {
    ...(type === undefined ? {} : { type }),
    ...(letters === '' ? {} : { letters }),
    ...(words === undefined ? {} : { words: [baseName(words[0] ?? ''), ...words.slice(1)] }),
  }
}

/** The program's folder may come from the action's working directory instead of the command. */
function withoutFolder(command: string): string {
  if (command.startsWith("'/")) return ''
  return command.startsWith('/')
    ? baseName(command.split(' ', 1)[0] as string) + command.slice(command.search(/ |$/))
    : command
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '')
}

/** Types whose actions a rule reads as a command that begins with the type. */
const COMMAND_LIKE = new Set(['net', 'file', 'tool', 'spend', 'message'])
const SHELL_QUOTING = /[\\'$`]/

/**
 * Whether a rule may match an action, given as in the journal: canonical JSON, whose last keys are
 * target and type.
 */
export function mayMatch({ type, letters, words }: Prefilter, action: string): boolean {
  const end = action.lastIndexOf('","type":"')
  const start = action.lastIndexOf(',"target":"')
  if (start < 0 || end < start) return true
  const actionType = action.slice(end + 10, -2)
  if (type !== undefined && type !== actionType) return false
  if (actionType !== 'exec')
    return words === undefined || !COMMAND_LIKE.has(actionType) || words[0] === actionType
  const command = action.slice(start + 11, end)
  return hasLetters(command, letters) && hasWords(command, words)
}

function hasLetters(command: string, letters: string | undefined): boolean {
  return (
    letters === undefined || command.includes(letters) || command.toLowerCase().includes(letters)
  )
}

function hasWords(command: string, words: readonly string[] | undefined): boolean {
  return (
    words === undefined ||
    words.every((word) => command.includes(word)) ||
    SHELL_QUOTING.test(command)
  )
}
