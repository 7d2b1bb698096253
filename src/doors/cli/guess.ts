import fuzzysort from 'fuzzysort'
import { Fault } from '../../base/fault.ts'
import { nearest } from '../../base/nearest.ts'
import { faces } from '../../commands/registry.ts'
import { cliCommands } from './cli-command.ts'

/** The same fault, with the commands that were probably meant. */
export function withGuess(fault: Fault, argv: readonly string[]): Fault {
  const typed = argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ')
  const names = cliCommands(faces).map(({ words }) => words.join(' '))
  const likely = likelyNames(typed, names)
  const hint =
    likely.length === 0
      ? 'To list all commands: clawdeck --help'
      : `Did you mean ${likely.map((name) => `\`clawdeck ${name}\``).join(' or ')}?`
  return new Fault(fault.code, fault.message, { hint })
}

/** Names with a letter or two wrong first, then those with the typed letters in their order. */
function likelyNames(typed: string, names: string[]): string[] {
  const [first = typed, verb] = typed.split(' ')
  const misspelt = [nearest(typed, names), nearest(first, names)].filter(
    (name) => name !== undefined,
  )
  const word = nearest(
    first,
    names.map((name) => name.split(' ')[0] ?? name),
  )
  const group = names.filter((name) => name.split(' ')[0] === word)
  const inGroup =
    verb === undefined ? group : fuzzysort.go(verb, group, { limit: 2 }).map((hit) => hit.target)
  const fuzzy = [typed, first].flatMap((text) =>
    fuzzysort.go(text, names, { limit: 2, threshold: 0.4 }).map((hit) => hit.target),
  )
  return [...new Set([...misspelt, ...inGroup, ...fuzzy])].slice(0, 2)
}
