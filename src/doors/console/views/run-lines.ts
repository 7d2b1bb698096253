import type { Approval } from '../../../domain/approvals/types.ts'
import { placeText, runText } from '../../text/run-text.ts'
import type { UiHalf } from '../store/ui.ts'
import { breakLines, litParts, type TextRange } from '../text/break-lines.ts'
import type { StyledText } from '../theme/theme.ts'

/** One line of what would run. */
export type RunLine = readonly StyledText[]

/** Where the lines of what would run, and of where it would, begin and end. */
interface Broken {
  cells: number
  text: string
  lines: readonly TextRange[]
  place: string
  placeLines: readonly TextRange[]
}

const broken = new WeakMap<Approval, Broken>()

function brokenText(a: Approval, cells: number): Broken {
  const known = broken.get(a)
  if (known?.cells === cells) return known
  const [text, place] = [runText(a), placeText(a)]
  const placeLines = place === '' ? [] : breakLines(place, cells)
  const made = { cells, text, lines: breakLines(text, cells), place, placeLines }
  broken.set(a, made)
  return made
}

/** How many lines of at most `cells` cells an approval has. */
export function runLineCount(a: Approval, cells: number): number {
  const { lines, placeLines } = brokenText(a, cells)
  return lines.length + placeLines.length
}

/** What is shown of an approval: lines from `from` up to, but not including, `to`. */
export interface ShownLines extends TextRange {
  cells: number
  riskyParts: UiHalf['riskyParts']
}

const drawn = new WeakMap<Approval, { shown: ShownLines; lines: readonly RunLine[] }>()

/**
 * What an approval would let run and where, as far as it is shown. What made the risk is lit, and
 * looked for no further than that.
 */
export function runLines(a: Approval, shown: ShownLines): readonly RunLine[] {
  const known = drawn.get(a)
  if (known !== undefined && isSame(known.shown, shown)) return known.lines
  const { text, lines, place, placeLines } = brokenText(a, shown.cells)
  const { from, to } = shown
  const visible = lines.slice(from, to)
  const [first, last] = [visible[0], visible.at(-1)]
  const lit =
    first === undefined || last === undefined
      ? []
      : (shown.riskyParts?.(a, { from: first.from, to: last.to }) ?? [])
  const made = [
    ...visible.map((line) => litLine(text, line, lit)),
    ...placeLines
      .slice(Math.max(0, from - lines.length), Math.max(0, to - lines.length))
      .map((line): RunLine => [['dim', place.slice(line.from, line.to)]]),
  ]
  drawn.set(a, { shown, lines: made })
  return made
}

function isSame(one: ShownLines, other: ShownLines): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.cells === other.cells &&
    one.riskyParts === other.riskyParts
  )
}

/** A line of a command, with the parts that made the risk lit. */
function litLine(text: string, line: TextRange, lit: readonly TextRange[]): RunLine {
  return litParts(line, lit).map((part): StyledText => [
    part.lit ? 'risk-high' : 'strong',
    text.slice(part.from, part.to),
  ])
}
