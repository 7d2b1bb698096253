import { age, span } from '../../../base/text.ts'
import type { DeckFacts } from '../../../commands/wire.ts'
import type { RuleRow, Status } from '../../../domain/rules/types.ts'
import { STATES, evidenceBar, ruleText, ruleWhere, suspendedWhy } from '../../text/rules.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { cut, fit, width } from '../text/width.ts'
import { markPieces, under, type RowMarks } from './agents.ts'
import { memo, type Canvas } from './frame.ts'

export const STATE_ROLES: Record<Status, Role> = {
  hint: 'dim',
  candidate: 'info',
  confirmed: 'good',
  suspended: 'warn',
  archived: 'faint',
}

const DAY_MS = 86_400_000

/** What about a rule matters most in its state: its evidence, what it was used for, why it was suspended. */
export function ruleTail(rule: RuleRow, now: number, bar: number): Piece[] {
  return TAILS[rule.status](rule, now, bar)
}

const TAILS: Record<Status, (rule: RuleRow, now: number, bar: number) => Piece[]> = {
  hint: (rule) => [['faint', rule.source.replaceAll('_', ' ')]],
  candidate: (rule, _now, bar) => [
    ...(rule.conflicts.length === 0 ? [] : [['bad', '⚠ '] as Piece]),
    ...(rule.setback === '' ? [] : [['warn', `${rule.setback} `] as Piece]),
    ['info', `${Math.min(rule.support, rule.needed)}/${rule.needed} `],
    [rule.support >= rule.needed ? 'good' : 'info', evidenceBar(rule.support, rule.needed, bar)],
  ],
  confirmed: (rule, now) => {
    const left = rule.expiresAt === null ? Infinity : rule.expiresAt - now
    return [
      ...(left > DAY_MS ? [] : [['warn', `⧗ ${span(left)} left  `] as Piece]),
      [
        rule.uses === 0 ? 'dim' : 'number',
        rule.uses === 0
          ? `unused ${age(now - rule.changedAt)}`
          : `${rule.uses}×${rule.lastUsedAt === null ? '' : ` ${age(now - rule.lastUsedAt)}`}`,
      ],
    ]
  },
  suspended: (rule) => [['warn', suspendedWhy(rule.suspensionReason)]],
  archived: (rule, now) => [['faint', `${age(now - rule.changedAt)} ago`]],
}

/** From this width on a row says its state in a word as well; beneath, the title of the pane explains the sign. */
export const WORD_FROM = 62

/** The line of one learned rule. */
export function ruleLine(canvas: Canvas, rule: RuleRow, now: number, marks: RowMarks): string {
  const tail = ruleTail(rule, now, Math.max(3, Math.min(9, Math.floor(canvas.width * 0.12))))
  const said = tail.map(([, text]) => text).join('')
  return memo(
    rule,
    `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${said}${marks.cursor}${marks.focused}${marks.marked}`,
    () => {
      const { glyph, word } = STATES[rule.status]
      const head: Piece[] = [
        ...markPieces(marks),
        [
          STATE_ROLES[rule.status],
          `${glyph} ${canvas.width >= WORD_FROM ? `${fit(word, 9)} ` : ''}`,
        ],
      ]
      const most = Math.max(8, Math.floor(canvas.width * 0.4))
      const end = clipped(tail, most)
      const room = canvas.width - widthOf(head) - widthOf(end) - 2
      return canvas.painter.row(
        canvas.width,
        [...head, ...textPieces(rule, room), ['text', ' '], ...end, ['text', ' ']],
        under(marks),
      )
    },
  )
}

/** What it is about and, where there is room, for whom. */
function textPieces(rule: RuleRow, room: number): Piece[] {
  const text = ruleText(rule)
  const where = ` · ${whereShort(rule)}`
  const rest = room - width(text)
  if (rest >= width(where))
    return [
      ['text', text],
      ['dim', fit(where, rest)],
    ]
  if (room >= 30 && width(where) <= room / 3)
    return [
      ['text', cut(text, room - width(where))],
      ['dim', where],
    ]
  return [['text', fit(text, Math.max(1, room))]]
}

/** For whom it holds, in a word or two. */
export function whereShort(rule: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  return ruleWhere(rule).replace(/^for /, '')
}

export function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, [, text]) => sum + width(text), 0)
}

/** Pieces in at most `cells` cells. */
export function clipped(pieces: readonly Piece[], cells: number): Piece[] {
  const out: Piece[] = []
  let room = cells
  for (const [role, text] of pieces) {
    if (room <= 0) break
    out.push([role, cut(text, room)])
    room -= width(text)
  }
  return out
}

const COUNTED = ['confirmed', 'candidate', 'suspended', 'hint'] as const

/** How many rules are in each state, most of use first: `✓ confirmed 12  ◇ candidate 3  ⏸ 1`; in fewer words where room is short. */
export function countsText(counts: DeckFacts['rules'], cells: number): string {
  const shown = COUNTED.filter((status) => counts[status] > 0)
  const named = (status: Status): string =>
    `${STATES[status].glyph} ${status === 'suspended' || status === 'hint' ? '' : `${STATES[status].word} `}${counts[status]}`
  const ways = [
    shown.map(named).join('  '),
    shown
      .filter((status) => status !== 'hint')
      .map(named)
      .join('  '),
    shown.map((status) => `${STATES[status].glyph} ${counts[status]}`).join('  '),
  ]
  return ways.find((text) => width(text) <= cells) ?? ways.at(-1) ?? ''
}
