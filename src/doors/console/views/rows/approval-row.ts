import { plain, span } from '../../../../base/text.ts'
import type { Approval } from '../../../../domain/approvals/types.ts'
import { precedentText, whyText } from '../../../text/approvals.ts'
import type { Deciding } from '../../store/ui.ts'
import { cut, fit, width, wrap } from '../../text/width.ts'
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

function timeLeft(a: Approval, { now, deciding }: ApprovalRowFacts): string {
  if (deciding !== undefined) return deciding.verb === 'allow' ? 'allowing…' : 'denying…'
  if (a.state !== 'pending') return a.state
  return a.expiresAt <= now ? 'expiring' : span(a.expiresAt - now)
}

function timeRole(a: Approval, { now, deciding }: ApprovalRowFacts): ThemeRole {
  if (deciding !== undefined) return 'info'
  return a.state === 'pending' && a.expiresAt - now < SOON_MS ? 'bad' : 'dim'
}

/** The row of one approval: risk, agent, type, target, time left. */
export function drawApprovalRow(
  canvas: Canvas,
  a: Approval,
  facts: ApprovalRowFacts,
  marks: RowMarks,
): string {
  const left = timeLeft(a, facts)
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

/** What is needed to decide: the whole command, why it waits, what was decided before, the keys. */
export function approvalBrief(
  canvas: Canvas,
  a: Approval,
  now: number,
  keys: readonly StyledText[],
): string[] {
  const { painter, width: cells, height } = canvas
  const room = cells - 13
  const block = (name: string, [role, text]: StyledText, most: number): string[] =>
    clippedLines(wrap(text, room), most, room).map((line, i) =>
      painter.row(cells, [
        ['dim', ` ${fit(i === 0 ? name : '', 11)} `],
        [role, line],
      ]),
    )
  const place = placeText(a)
  const where = height >= 5 && place !== '' ? block('where', ['dim', place], 1) : []
  const target: StyledText = ['strong', plain(a.action.target)]
  const what = height >= 6 ? block(plain(a.action.type, 11), target, height >= 8 ? 2 : 1) : []
  const rest = Math.max(1, height - 2 - where.length - what.length)
  const why = block('why', ['text', whyText(a)], rest)
  const before = block('like this', ['text', precedentText(a, now)], 1)
  const lines = [...what, ...why, ...before, ...where]
  return height >= 3
    ? [...lines.slice(0, height - 1), painter.row(cells, [['text', ' '], ...keys])]
    : lines.slice(0, height)
}

function placeText({ action: { cwd, goal } }: Approval): string {
  const parts = [cwd === '' ? '' : `in ${plain(cwd)}`, goal === '' ? '' : `“${plain(goal)}”`]
  return parts.filter((part) => part !== '').join(' · ')
}

function clippedLines(lines: string[], most: number, cells: number): string[] {
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), cut(`${lines[most - 1] ?? ''} ${lines[most] ?? ''}`, cells)]
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
