import { plain, span } from '../../../base/text.ts'
import type { RuleMoment, RuleRow, Status } from '../../../domain/rules/types.ts'
import { STATES } from '../../text/rules.ts'
import { table, type Cell, type Paint, type Tone } from '../terminal.ts'

export const STATUS_TONES: Record<Status, Tone> = {
  hint: 'dim',
  candidate: 'careful',
  confirmed: 'good',
  suspended: 'bad',
  archived: 'dim',
}

/**
 * The last column is cut so that a table of rules has this width, but not to less than `MIN_LAST`.
 */
const TABLE_WIDTH = 80
const MIN_LAST = 20

export function statusCell(status: Status): Cell {
  const { glyph, word } = STATES[status]
  return { text: `${glyph} ${word}`, tone: STATUS_TONES[status] }
}

/** A rule's scope in one or two words: an agent, a kind of work, or all. */
export function scopeCell({ scope, scopeKey }: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  if (scope === 'global' || scopeKey === '') return 'all'
  // The key of a hint is a repository's path; the last folder identifies it well enough.
  return scope === 'project'
    ? (scopeKey.split('/').findLast((part) => part !== '') ?? scopeKey)
    : `${scopeKey} work`
}

/** How long a rule holds. */
export function expiryCell({ expiresAt, status }: RuleRow, now: number): string {
  if (status === 'archived') return ''
  if (expiresAt === null) return 'no end'
  return expiresAt <= now ? 'expired' : span(expiresAt - now)
}

/** `confirmed`, or `candidate → confirmed`. */
export function statusChange({ from, to }: RuleMoment): string {
  return from === null || from === to ? to : `${from} → ${to}`
}

/** The supervisor only records what is learned, so it is not shown as the actor. */
export function actorText(actor: string): string {
  return actor === 'supervisor' ? 'learned' : actor
}

/** A table whose last column is cut to the width. `policy rule` shows the whole of it. */
export function fittedTable(
  paint: Paint,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  none: string,
): string {
  const widthOf = (column: number): number =>
    Math.max(head[column]?.length ?? 0, ...rows.map((row) => [...cellText(row[column])].length))
  const last = head.length - 1
  const used = head.slice(0, last).reduce((sum, _title, column) => sum + 2 + widthOf(column), 0)
  const room = Math.max(MIN_LAST, TABLE_WIDTH - used)
  const fitted = rows.map((row) => [...row.slice(0, -1), cut(cellText(row.at(-1)), room)])
  return table(paint, head, fitted, none)
}

function cellText(cell: Cell | undefined): string {
  return plain(typeof cell === 'object' ? cell.text : (cell ?? ''), 200)
}

function cut(text: string, room: number): string {
  const letters = [...text]
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join('')}…`
}
