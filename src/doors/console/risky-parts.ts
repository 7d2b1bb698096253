import { plain } from '../../base/text.ts'
import { MOST_COMMANDS } from '../../command-analysis/reading.ts'
import { readLine } from '../../command-analysis/line.ts'
import { SECRETS } from '../../command-analysis/patterns/risk-words.ts'
import { risksOf } from '../../command-analysis/patterns/risks.ts'
import { programs } from '../../config/programs.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import { runText } from '../text/run-text.ts'
import type { TextRange } from './text/break-lines.ts'

/** In characters: longer texts are analysed in pieces, each when it is shown. */
const MAX_ANALYSED = 4096

/** A piece of what would run, and where its text begins in all of it. */
interface Piece {
  source: string
  text: string
  from: number
  parts: readonly TextRange[] | undefined
}

const pieces = new WeakMap<Approval, readonly Piece[]>()

/**
 * The parts of what would run that its risk comes from: the commands that are known to be risky,
 * and paths that hold credentials. In order, and none of them overlap. At least those that lie in
 * the range that is shown; of a long text not many more.
 */
export function riskyParts(
  a: Approval,
  shown: TextRange = { from: 0, to: Infinity },
): readonly TextRange[] {
  return merged(
    piecesOf(a)
      .filter(({ from, text }) => from < shown.to && from + text.length > shown.from)
      .flatMap((piece) => (piece.parts ??= partsOf(piece, a.action.type))),
  )
}

function piecesOf(a: Approval): readonly Piece[] {
  const known = pieces.get(a)
  if (known !== undefined) return known
  const made: Piece[] = []
  const { target } = a.action
  let from = 0
  for (let at = 0; at < target.length;) {
    const source = target.slice(at, pieceEnd(target, at, MAX_ANALYSED))
    const text = runText({ action: { ...a.action, target: source } })
    made.push({ source, text, from, parts: undefined })
    at += source.length
    from += text.length
  }
  pieces.set(a, made)
  return made
}

/** Where a piece ends: behind a line, else a command, else a word, if it has any of these. */
function pieceEnd(target: string, at: number, room: number): number {
  const most = at + room
  if (most >= target.length) return target.length
  const near = target.slice(at, most)
  const ends = [/\n(?=[^\n]*$)/, /[;&|](?=[^;&|]*$)/, /\s(?=\S*$)/].map((end) => near.search(end))
  const end = ends.find((each) => each > room / 2) ?? ends.find((each) => each > 0)
  if (end !== undefined) return at + end + 1
  // A character is not taken apart.
  return /[\ud800-\udbff]$/.test(near) ? most - 1 : most
}

function partsOf({ source, text, from }: Piece, type: string): TextRange[] {
  const commands = type === 'exec' ? riskyCommands(source) : []
  return [...commands.flatMap((part) => placesOf(plain(part), text)), ...secretsIn(text)].map(
    (range) => ({ from: from + range.from, to: from + range.to }),
  )
}

function riskyCommands(target: string): string[] {
  const { commands } = readLine(target, programs())
  if (commands.length >= MOST_COMMANDS && target.length > MOST_COMMANDS) {
    const end = pieceEnd(target, 0, Math.ceil(target.length / 2))
    return [target.slice(0, end), target.slice(end)].flatMap(riskyCommands)
  }
  return commands
    .filter(({ invocation }) => risksOf(invocation).some(({ points }) => points > 0))
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
