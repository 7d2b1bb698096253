import { plain, span } from '../../../../base/text.ts'
import { timeLeft } from '../../../../domain/approvals/holding/rules.ts'
import type { Approval } from '../../../../domain/approvals/types.ts'
import { quorumCount } from '../../../text/quorum.ts'
import type { Deciding } from '../../store/ui.ts'
import { cut, fit, width } from '../../text/width.ts'
import type { Painter, StyledText, ThemeRole } from '../../theme/theme.ts'
import { cachedLine, type Canvas } from '../frame.ts'
import { riskBar, riskRole } from './risk.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './row-marks.ts'

const SOON_MS = 30_000

/** What an approval's row shows besides the approval. */
export interface ApprovalRowFacts {
  now: number
  /** The decision that was sent and is not confirmed yet. */
  deciding: Deciding | undefined
}

function leftText(a: Approval, { now, deciding }: ApprovalRowFacts): string {
  if (deciding !== undefined) return deciding.verb === 'allow' ? 'allowing…' : 'denying…'
  if (a.state !== 'pending') return a.state
  const ms = timeLeft(a, now)
  const left = ms <= 0 ? 'expiring' : `${a.heldSince === undefined ? '' : 'held '}${span(ms)}`
  const count = quorumCount(a)
  return count === undefined ? left : `${count} ${left}`
}

function timeRole(a: Approval, { now, deciding }: ApprovalRowFacts): ThemeRole {
  if (deciding !== undefined) return 'info'
  if (a.heldSince !== undefined) return 'info'
  return a.state === 'pending' && a.expiresAt - now < SOON_MS ? 'bad' : 'dim'
}

/** The row of one approval: risk, agent, type, target, time left. */
export function drawApprovalRow(
  canvas: Canvas,
  a: Approval,
  facts: ApprovalRowFacts,
  marks: RowMarks,
): string {
  const left = leftText(a, facts)
  return cachedLine(a, `${lookKey(canvas, marks)}${left}`, () => {
    const { width: cells } = canvas
    const name = Math.max(6, Math.min(16, Math.floor(cells * 0.16)))
    const tail = Math.max(6, width(left) + 1)
    const target = Math.max(4, cells - 2 - 4 - 6 - name - 1 - 8 - tail - 1)
    const risk = riskRole(a.risk.score)
    const pieces: StyledText[] = [
      ...markPieces(marks),
      [risk, `${String(a.risk.score).padStart(3)} `],
      [risk, `${riskBar(a.risk.score)} `],
      ['agent', `${fit(a.agent, name)} `],
      ['info', `${fit(plain(a.action.type), 7)} `],
      [facts.deciding === undefined ? 'text' : 'dim', fit(plain(a.action.target), target)],
      [timeRole(a, facts), `${fit(left, tail, true)} `],
    ]
    return canvas.painter.row(cells, pieces, rowBackground(marks))
  })
}

/** A horizontal line with a title. */
export function divider(painter: Painter, cells: number, title = ''): string {
  const text = title === '' ? '' : ` ${cut(title, Math.max(1, cells - 6))} `
  return (
    painter.paint('rule', '─') +
    painter.paint('dim', text) +
    painter.paint('rule', '─'.repeat(Math.max(0, cells - 1 - width(text))))
  )
}
