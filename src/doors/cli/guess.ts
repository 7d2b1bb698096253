import fuzzysort from 'fuzzysort'
import { Fault } from '../../base/fault.ts'
import { registry } from '../../commands/registry.ts'
import { spellings } from './spelling.ts'

/** The same fault, with the commands that were probably meant. */
export function withGuess(fault: Fault, argv: readonly string[]): Fault {
  const typed = argv.filter((word) => !word.startsWith('-')).slice(0, 2).join(' ')
  const names = spellings(registry).map(({ words }) => words.join(' '))
  const near = likely(typed, names)
  const hint = near.length === 0 ? '`clawdeck --help` lists all commands.' : `Did you mean ${near.map((name) => `\`clawdeck ${name}\``).join(' or ')}?`
  return new Fault(fault.code, fault.message, { hint })
}

/** Letters left out are found by fuzzy search; letters too many or swapped, by searching the other way round. */
function likely(typed: string, names: string[]): string[] {
  const first = typed.split(' ')[0] ?? typed
  const forward = [typed, first].flatMap((text) => fuzzysort.go(text, names, { limit: 2, threshold: 0.4 }).map((hit) => hit.target))
  const backward = names.filter((name) => name.length > 2 && (fuzzysort.single(name, first)?.score ?? 0) > 0.4)
  const swapped = names.filter((name) => name.length === first.length && [...name].toSorted().join('') === [...first].toSorted().join(''))
  return [...new Set([...swapped, ...forward, ...backward])].slice(0, 2)
}
