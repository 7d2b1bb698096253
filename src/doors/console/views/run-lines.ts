import type { Approval } from '../../../domain/approvals/types.ts'
import { placeText, runText } from '../../text/run-text.ts'
import type { UiHalf } from '../store/ui.ts'
import { breakLines, litParts, type TextRange } from '../text/break-lines.ts'
import type { StyledText } from '../theme/theme.ts'

/** One line of what would run. */
export type RunLine = readonly StyledText[]

interface Drawn {
  cells: number
  riskyParts: UiHalf['riskyParts']
  lines: readonly RunLine[]
}

const cached = new WeakMap<Approval, Drawn>()

/**
 * All of what an approval would let run and where, in lines of at most `cells` cells. What made the
 * risk is lit.
 */
export function runLines(
  a: Approval,
  cells: number,
  riskyParts: UiHalf['riskyParts'],
): readonly RunLine[] {
  const known = cached.get(a)
  if (known?.cells === cells && known.riskyParts === riskyParts) return known.lines
  const place = placeText(a)
  const lines = [
    ...litLines(runText(a), cells, riskyParts?.(a) ?? []),
    ...(place === '' ? [] : plainLines(place, cells)),
  ]
  cached.set(a, { cells, riskyParts, lines })
  return lines
}

/** A command in lines, with the parts that made the risk lit. */
function litLines(text: string, cells: number, lit: readonly TextRange[]): RunLine[] {
  return breakLines(text, cells).map((line) =>
    litParts(line, lit).map((part): StyledText => [
      part.lit ? 'risk-high' : 'strong',
      text.slice(part.from, part.to),
    ]),
  )
}

function plainLines(text: string, cells: number): RunLine[] {
  return breakLines(text, cells).map(({ from, to }) => [['dim', text.slice(from, to)]])
}
