import { glob } from '../../base/glob.ts'
import type { Given, Invocation } from '../invocation.ts'
import type { RiskRule } from '../programs/table.ts'

/** Everything that a table says of a command's risk: of its program, and of each of its verbs. */
export function risksOf({ program, verbs, options, operands }: Invocation): RiskRule[] {
  if (program === undefined) return []
  const nodes = [program, ...verbs.map(({ node }) => node)]
  return nodes
    .flatMap(({ risks }) => risks)
    .filter(
      ({ when }) =>
        when.length === 0 ||
        when.some(
          (wanted) =>
            options.some((given) => isGiven(wanted, given)) ||
            verbs.some(({ name }) => wanted === `!${name}`) ||
            (!wanted.startsWith('-') &&
              operands.some(({ word }) => glob(wanted, word.text ?? word.source))),
        ),
    )
}

/** `-f`, by any name of the option, or `-X=POST`, with a value. */
function isGiven(wanted: string, { option, written, value }: Given): boolean {
  if (!wanted.startsWith('-')) return false
  const equals = wanted.indexOf('=')
  const name = equals < 0 ? wanted : wanted.slice(0, equals)
  const named = [written, ...(option?.names ?? [])].some((each) => glob(name, each))
  return named && (equals < 0 || value?.text === wanted.slice(equals + 1))
}
