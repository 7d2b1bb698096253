import { age, plain, span } from '../../../base/text.ts'
import type { OperatorPolicy, PolicyRow } from '../../../domain/policy/types.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { fit, width } from '../text/width.ts'
import { memo, type Canvas } from './frame.ts'
import { markPieces, under, type RowMarks } from './agents.ts'
import { WORD_FROM } from './rules.ts'
import type { Lease } from '../../../domain/leases/types.ts'

const EFFECTS: Record<OperatorPolicy['effect'], { glyph: string; role: Role }> = {
  allow: { glyph: '✓', role: 'good' },
  warn: { glyph: '△', role: 'warn' },
  ask: { glyph: '?', role: 'info' },
  block: { glyph: '✕', role: 'bad' },
}

/** What a policy matches, in words. */
export function policyText(p: OperatorPolicy): string {
  const parts = [p.type ?? 'anything', p.target ?? '']
  if (p.pattern !== undefined) parts.push(`/${p.pattern}/`)
  if (p.agent !== undefined) parts.push(`by ${p.agent}`)
  if (p.template !== undefined) parts.push(`from ${p.template}`)
  if (p.riskAtLeast !== undefined) parts.push(`risk ≥ ${p.riskAtLeast}`)
  if (p.riskAtMost !== undefined) parts.push(`risk ≤ ${p.riskAtMost}`)
  return plain(parts.filter((t) => t !== '').join(' '))
}

export function policyLine(canvas: Canvas, p: PolicyRow, now: number, marks: RowMarks): string {
  const used =
    p.uses === 0
      ? 'unused'
      : `${p.uses}×${p.lastUsedAt === null ? '' : ` ${age(now - p.lastUsedAt)}`}`
  return memo(
    p,
    `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${used}${marks.cursor}${marks.focused}${marks.marked}`,
    () => {
      const { glyph, role } = EFFECTS[p.effect]
      return line(
        canvas,
        marks,
        [[role, `${glyph} ${fit(p.effect, wordCells(canvas))}`]],
        `${p.pack === undefined ? '' : `${plain(p.id, 80)} · `}${policyText(p)}`,
        [['dim', used]],
      )
    },
  )
}

export function leaseLine(canvas: Canvas, l: Lease, now: number, marks: RowMarks): string {
  const left = `${l.usesLeft}/${l.uses} · ${span(l.expiresAt - now)}`
  return memo(
    l,
    `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${left}${marks.cursor}${marks.focused}${marks.marked}`,
    () =>
      line(
        canvas,
        marks,
        [['number', `⧗ ${fit('lease', wordCells(canvas))}`]],
        plain(`${l.type} ${l.target} by ${l.agent === '*' ? 'anyone' : l.agent}`),
        [['number', left]],
      ),
  )
}

/** Where rules say their state in a word, what is theirs stands under it. */
function wordCells({ width: cells }: Canvas): number {
  return cells >= WORD_FROM ? 10 : 6
}

function line(canvas: Canvas, marks: RowMarks, head: Piece[], text: string, tail: Piece[]): string {
  const taken = 2 + [...head, ...tail].reduce((n, [, t]) => n + width(t), 0) + 2
  const pieces: Piece[] = [
    ...markPieces(marks),
    ...head,
    ['text', fit(text, Math.max(4, canvas.width - taken))],
    ['text', ' '],
    ...tail,
  ]
  return canvas.painter.row(canvas.width, pieces, under(marks))
}
