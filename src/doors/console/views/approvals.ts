import { age, plain, span } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { Reason } from '../../../domain/policy/types.ts'
import type { Deciding } from '../store/ui.ts'
import type { Painter, Piece, Role } from '../theme/theme.ts'
import { cut, fit, width, wrap } from '../text/width.ts'
import { memo, type Canvas } from './frame.ts'
import { markPieces, under, type RowMarks } from './agents.ts'

/** From this risk on a yes takes two keys. */
export const HIGH_RISK = 70

export function riskRole(score: number): Role {
  return score >= HIGH_RISK ? 'risk-high' : score >= 40 ? 'risk-mid' : 'risk-low'
}

/** Five cells that fill with the risk. */
export function gauge(score: number): string {
  const full = Math.round(score / 20)
  return '▇'.repeat(full) + '·'.repeat(5 - full)
}

function clock(a: Approval, now: number, deciding: Deciding | undefined): string {
  if (deciding !== undefined) return deciding.verb === 'allow' ? 'allowing…' : 'denying…'
  if (a.state !== 'pending') return a.state
  return a.expiresAt <= now ? 'expiring' : span(a.expiresAt - now)
}

/** The line of one waiting approval. */
export function approvalLine(
  canvas: Canvas,
  a: Approval,
  now: number,
  deciding: Deciding | undefined,
  marks: RowMarks,
): string {
  const left = clock(a, now, deciding)
  const key = `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${left}${marks.cursor}${marks.focused}${marks.marked}`
  return memo(a, key, () => {
    const name = Math.max(6, Math.min(16, Math.floor(canvas.width * 0.16)))
    const tail = Math.max(6, width(left) + 1)
    const what = canvas.width - 2 - 4 - 6 - name - 1 - 8 - tail - 1
    const risk = riskRole(a.risk.score)
    const soon = deciding === undefined && a.state === 'pending' && a.expiresAt - now < 30_000
    const pieces: Piece[] = [
      ...markPieces(marks),
      [risk, `${String(a.risk.score).padStart(3)} `],
      [risk, `${gauge(a.risk.score)} `],
      ['agent', `${fit(a.agent, name)} `],
      ['info', `${fit(plain(a.action.type), 7)} `],
      [deciding === undefined ? 'text' : 'dim', fit(plain(a.action.target), Math.max(4, what))],
      [deciding !== undefined ? 'info' : soon ? 'bad' : 'dim', `${fit(left, tail, true)} `],
    ]
    return canvas.painter.row(canvas.width, pieces, under(marks))
  })
}

/** A reason without the id of its rule, which says nothing to a person in a hurry. */
function withoutId({ id, text }: Reason): string {
  return id === undefined ? text : text.replace(`rule ${id} `, 'a rule ')
}

/** Why it waits, in one line: the risk's factors, the heaviest first, then the first reason. */
export function whyText(a: Approval): string {
  const factors = [...a.risk.factors]
    .sort((x, y) => y.points - x.points)
    .slice(0, 4)
    .map((f) => `${f.label} ${f.points >= 0 ? '+' : ''}${f.points}`)
  const learned = a.reasons.find((r) => r.layer === 'rule')
  // What was learned so far says more than that nothing answers.
  const reason = a.reasons.find(
    (r) =>
      r.layer !== 'risk' && r.layer !== 'rule' && (r.layer !== 'default' || learned === undefined),
  )
  return plain(
    [...factors, ...[learned, reason].flatMap((r) => (r === undefined ? [] : [withoutId(r)]))].join(
      ' · ',
    ) || 'no rule answers this',
  )
}

export function precedentText(a: Approval, now: number): string {
  const { allowed, denied, lastAt } = a.precedent
  if (allowed + denied === 0) return 'never asked before'
  return `allowed ${allowed}× · denied ${denied}×${lastAt === null ? '' : ` · last ${age(now - lastAt)} ago`}`
}

/** What is needed to decide, beneath the list: the whole command, why it waits, what was said before, and the keys. */
export function approvalBrief(
  canvas: Canvas,
  a: Approval,
  now: number,
  rows: number,
  keys: readonly Piece[],
): string[] {
  const { painter, width: cells } = canvas
  const room = cells - 13
  const block = (name: string, role: Role, text: string, most: number): string[] =>
    clipped(wrap(text, room), most, room).map((line, i) =>
      painter.row(cells, [
        ['dim', ` ${fit(i === 0 ? name : '', 11)} `],
        [role, line],
      ]),
    )
  const about = [
    a.action.cwd === '' ? '' : `in ${plain(a.action.cwd)}`,
    a.action.goal === '' ? '' : `“${plain(a.action.goal)}”`,
  ]
    .filter((t) => t !== '')
    .join(' · ')
  const where = rows >= 5 && about !== '' ? block('where', 'dim', about, 1) : []
  const what =
    rows >= 6
      ? block(plain(a.action.type, 11), 'strong', plain(a.action.target), rows >= 8 ? 2 : 1)
      : []
  const why = block('why', 'text', whyText(a), Math.max(1, rows - 2 - where.length - what.length))
  const lines = [...what, ...why, ...block('like this', 'text', precedentText(a, now), 1), ...where]
  return rows >= 3
    ? [...lines.slice(0, rows - 1), painter.row(cells, [['text', ' '], ...keys])]
    : lines.slice(0, rows)
}

function clipped(lines: string[], most: number, cells: number): string[] {
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), cut(`${lines[most - 1] ?? ''} ${lines[most] ?? ''}`, cells)]
}

/** A rule between the list and the brief. */
export function divider(painter: Painter, cells: number, title = ''): string {
  const text = title === '' ? '' : ` ${cut(title, Math.max(1, cells - 6))} `
  return (
    painter.paint('rule', '─') +
    painter.paint('dim', text) +
    painter.paint('rule', '─'.repeat(Math.max(0, cells - 1 - width(text))))
  )
}
