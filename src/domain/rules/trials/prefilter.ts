import { splitTrigger } from '../../../clawpolicy/triggers.ts'
import { baseName } from '../../../command-analysis/paths.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import type { Rule } from '../../../clawpolicy/types.ts'

/** What the text of a recorded action must hold for a rule to speak of it. Never more than that: what lacks it is not met by the rule. */
export interface Needle {
  /** The action's type. */
  type?: string
  /** In a command's text, in whichever case. */
  letters?: string
  /** In a command's text, unless a shell might spell them otherwise. The first is the program. */
  words?: readonly string[]
}

/** The hardest that a rule asks for. */
export function needleOf({ trigger }: Pick<Rule, 'trigger'>): Needle {
  const parts = trigger.map(splitTrigger)
  // Where nothing is structured, any one of the triggers is enough.
  if (parts.every((part) => part === undefined)) return {}
  const of = (kind: string) => parts.flatMap((part) => (part?.kind === kind ? [part.value] : []))
  const type = of('task_type')[0]
  const letters = longest(
    [...of('command').map(asAsked), ...of('keyword')].flatMap(
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

/** A program's folder may have been said by where the agent stood, not in the command. */
function asAsked(command: string): string {
  if (command.startsWith("'/")) return ''
  return command.startsWith('/')
    ? baseName(command.split(' ', 1)[0] as string) + command.slice(command.search(/ |$/))
    : command
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '')
}

/** The types of which a rule about programs sees a command that begins with the type itself. */
const BARE = new Set(['net', 'file', 'tool', 'spend', 'message'])
const RESPELLED = /[\\'$`]/

/** Whether a rule that waits for `needle` may speak of an action, as the journal has it: canonical JSON, whose last keys are target and type. */
export function mayMeet(needle: Needle, action: string): boolean {
  const end = action.lastIndexOf('","type":"')
  const start = action.lastIndexOf(',"target":"')
  if (start < 0 || end < start) return true
  const type = action.slice(end + 10, -2)
  if (needle.type !== undefined && needle.type !== type) return false
  if (type === 'exec') return inCommand(needle, action.slice(start + 11, end))
  return needle.words === undefined || !BARE.has(type) || needle.words[0] === type
}

function inCommand({ letters, words }: Needle, command: string): boolean {
  if (
    letters !== undefined &&
    !command.includes(letters) &&
    !command.toLowerCase().includes(letters)
  )
    return false
  return (
    words === undefined || words.every((word) => command.includes(word)) || RESPELLED.test(command)
  )
}
