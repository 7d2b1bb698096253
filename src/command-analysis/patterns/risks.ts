import { glob } from '../../base/glob.ts'
import type { Given, Invocation } from '../invocation.ts'
import type { RiskRule } from '../programs/table.ts'

/** Everything that a table says of a command's risk: of its program, and of each of its verbs. */
export function risksOf({ program, verbs, options, operands }: Invocation): RiskRule[] {
  if (program === undefined) return []
  const rules = [program, ...verbs.map(({ node }) => node)].flatMap(({ risks }) => risks)
  if (rules.every(({ when }) => when.length === 0)) return rules
  const names = namesOf(options)
  const words = new Set(operands.map(({ word }) => word.text ?? word.source))
  const isThere = (wanted: string): boolean =>
    wanted.startsWith('-')
      ? isGiven(wanted, names, options)
      : verbs.some(({ name }) => wanted === `!${name}`) || hasAny(words, wanted)
  return rules.filter(({ when }) => when.length === 0 || when.some(isThere))
}

/** Every name of each option, once: many words may be the same option. */
function namesOf(options: readonly Given[]): Set<string> {
  const names = new Set<string>()
  const seen = new Set<Given['option']>()
  for (const { option, written } of options) {
    names.add(written)
    if (option === undefined || seen.has(option)) continue
    seen.add(option)
    for (const name of option.names) names.add(name)
  }
  return names
}

/** `-f`, by any name of the option, or `-X=POST`, with a value. */
function isGiven(wanted: string, names: ReadonlySet<string>, options: readonly Given[]): boolean {
  const equals = wanted.indexOf('=')
  if (equals < 0) return hasAny(names, wanted)
  const name = wanted.slice(0, equals)
  const text = wanted.slice(equals + 1)
  return options.some(
    ({ option, written, value }) =>
      value?.text === text && hasAny(new Set([written, ...(option?.names ?? [])]), name),
  )
}

function hasAny(texts: ReadonlySet<string>, pattern: string): boolean {
  if (!/[\\*?]/.test(pattern)) return texts.has(pattern)
  for (const text of texts) if (glob(pattern, text)) return true
  return false
}
