import { plain } from '../../base/text.ts'
import { readLine } from '../../command-analysis/line.ts'
import { SECRETS } from '../../command-analysis/patterns/risk-words.ts'
import { risksOf } from '../../command-analysis/patterns/risks.ts'
import { programs } from '../../config/programs.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import { runText } from '../text/run-text.ts'
import type { TextRange } from './text/break-lines.ts'

/** Longer texts are not analysed here: they are shown without marks. */
const MAX_ANALYSED = 16_384

/**
 * The parts of what would run that its risk comes from: the commands that are known to be risky,
 * and paths that hold credentials. In order, and none of them overlap.
 */
export function riskyParts(a: Approval): TextRange[] {
  const { target, type } = a.action
  if (target.length > MAX_ANALYSED) return []
  const text = runText(a)
  const commands = type === 'exec' ? riskyCommands(target) : []
  return merged([...commands.flatMap((part) => placesOf(plain(part), text)), ...secretsIn(text)])
}

function riskyCommands(target: string): string[] {
  return readLine(target, programs())
    .commands.filter(({ invocation }) => risksOf(invocation).some(({ points }) => points > 0))
    .map(({ source }) => source)
}

function placesOf(part: string, text: string): TextRange[] {
  const places: TextRange[] = []
  if (part === '') return places
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length))
    places.push({ from: at, to: at + part.length })
  return places
}

function secretsIn(text: string): TextRange[] {
  return [...text.matchAll(new RegExp(SECRETS, `${SECRETS.flags}g`))].map(
    ({ index, 0: found }) => ({
      from: index,
      to: index + found.length,
    }),
  )
}

function merged(ranges: readonly TextRange[]): TextRange[] {
  const out: TextRange[] = []
  for (const { from, to } of ranges.toSorted((x, y) => x.from - y.from)) {
    const last = out.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else out.push({ from, to })
  }
  return out
}
