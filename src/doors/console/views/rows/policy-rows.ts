import { plain, span } from '../../../../base/text.ts'
import type { Lease } from '../../../../domain/leases/types.ts'
import type { OperatorPolicy, PolicyRow } from '../../../../domain/policy/types.ts'
import { fit } from '../../text/width.ts'
import type { StyledText, ThemeRole } from '../../theme/theme.ts'
import { cachedLine, cellsIn, type Canvas } from '../frame.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './row-marks.ts'
import { STATUS_WORD_FROM, usedText } from './rule-row.ts'

const EFFECTS: Record<OperatorPolicy['effect'], { glyph: string; role: ThemeRole }> = {
  allow: { glyph: '✓', role: 'good' },
  warn: { glyph: '△', role: 'warn' },
  ask: { glyph: '?', role: 'info' },
  block: { glyph: '✕', role: 'bad' },
}

/** What a policy covers, in words. */
export function policyText(p: OperatorPolicy): string {
  const parts = [p.type ?? 'anything', p.target ?? '']
  if (p.pattern !== undefined) parts.push(`/${p.pattern}/`)
  if (p.agent !== undefined) parts.push(`by ${p.agent}`)
  if (p.template !== undefined) parts.push(`from ${p.template}`)
  if (p.riskAtLeast !== undefined) parts.push(`risk ≥ ${p.riskAtLeast}`)
  if (p.riskAtMost !== undefined) parts.push(`risk ≤ ${p.riskAtMost}`)
  return plain(parts.filter((part) => part !== '').join(' '))
}

export function drawPolicyRow(canvas: Canvas, p: PolicyRow, now: number, marks: RowMarks): string {
  const used = p.uses === 0 ? 'unused' : usedText(p, now)
  return cachedLine(p, `${lookKey(canvas, marks)}${used}`, () => {
    const { glyph, role } = EFFECTS[p.effect]
    const source = p.pack === undefined ? '' : `${plain(p.id, 80)} · `
    return drawRow(canvas, marks, {
      head: [role, `${glyph} ${fit(p.effect, wordCells(canvas))}`],
      text: `${source}${policyText(p)}`,
      tail: ['dim', used],
    })
  })
}

export function drawLeaseRow(canvas: Canvas, l: Lease, now: number, marks: RowMarks): string {
  const left = `${l.usesLeft}/${l.uses} · ${span(l.expiresAt - now)}`
  return cachedLine(l, `${lookKey(canvas, marks)}${left}`, () =>
    drawRow(canvas, marks, {
      head: ['number', `⧗ ${fit('lease', wordCells(canvas))}`],
      text: plain(`${l.type} ${l.target} by ${l.agent === '*' ? 'any agent' : l.agent}`),
      tail: ['number', left],
    }),
  )
}

/** Effects are aligned with the statuses of rules. */
function wordCells({ width }: Canvas): number {
  return width >= STATUS_WORD_FROM ? 10 : 6
}

function drawRow(
  canvas: Canvas,
  marks: RowMarks,
  { head, text, tail }: { head: StyledText; text: string; tail: StyledText },
): string {
  const taken = 2 + cellsIn([head, tail]) + 2
  const pieces: StyledText[] = [
    ...markPieces(marks),
    head,
    ['text', fit(text, Math.max(4, canvas.width - taken))],
    ['text', ' '],
    tail,
  ]
  return canvas.painter.row(canvas.width, pieces, rowBackground(marks))
}
