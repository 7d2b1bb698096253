import fuzzysort from 'fuzzysort'
import { Fault } from '../../base/fault.ts'
import { nearest } from '../../base/nearest.ts'
import { faces } from '../../commands/registry.ts'
import { spellings } from './spelling.ts'

/** The same fault, with the commands that were probably meant. */
export function withGuess(fault: Fault, argv: readonly string[]): Fault {
  const typed = argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ')
  const names = spellings(faces).map(({ words }) => words.join(' '))
  const near = likely(typed, names)
  const hint =
    near.length === 0
      ? '`clawdeck --help` lists all commands.'
      : `Did you mean ${near.map((name) => `\`clawdeck ${name}\``).join(' or ')}?`
  return new Fault(fault.code, fault.message, { hint })
}

/** Slips of a letter or two first, then what holds the typed letters in their order. */
function likely(typed: string, names: string[]): string[] {
  const first = typed.split(' ')[0] ?? typed
  const slips = [nearest(typed, names), nearest(first, names)].filter((name) => name !== undefined)
  const word = nearest(
    first,
    names.map((name) => name.split(' ')[0] ?? name),
  )
  const group = names.filter((name) => name.split(' ')[0] === word)
  const fuzzy = [typed, first].flatMap((text) =>
    fuzzysort.go(text, names, { limit: 2, threshold: 0.4 }).map((hit) => hit.target),
  )
  const verb = typed.split(' ')[1]
  const best =
    verb === undefined ? group : fuzzysort.go(verb, group, { limit: 2 }).map((hit) => hit.target)
  return [...new Set([...slips, ...best, ...fuzzy])].slice(0, 2)
}
