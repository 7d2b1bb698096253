import type { Command, ParsedScript } from 'unbash'
import { hasGaps, oddity } from './dialects.ts'
import { continuesExpansion, parsed } from './parsed.ts'
import { LONGEST } from '../reading.ts'
import { readWord } from '../word.ts'

/**
 * The words of a line that is one plain command; undefined where a shell would do anything more
 * with it than splitting.
 */
export function plainWords(line: string): string[] | undefined {
  if (line.length > LONGEST || line.includes('<<') || continuesExpansion(line)) return undefined
  // Shells differ about a backslash with nothing behind it.
  if (/(?<!\\)(?:\\\\)*\\$/.test(line)) return undefined
  const command = onlyCommand(line)
  if (command?.name === undefined || hasGaps(command, line)) return undefined
  const words: string[] = []
  for (const part of [...command.prefix, command.name, ...command.suffix]) {
    const word =
      part.type === 'Word' && oddity(part) === undefined ? readWord(part).text : undefined
    if (word === undefined) return undefined
    words.push(word)
  }
  return words
}

/** The one plain command that a line is, and nothing around it. */
function onlyCommand(line: string): Command | undefined {
  let script: ParsedScript
  try {
    script = parsed(line)
  } catch {
    return undefined
  }
  const [statement, ...more] = script.commands
  if (statement === undefined || more.length > 0 || script.errors !== undefined) return undefined
  const { command, background } = statement
  return command.type === 'Command' && background !== true ? command : undefined
}
