import { age, span } from '../../../../base/text.ts'
import type { DeckFacts } from '../../../../commands/wire.ts'
import type { RuleRow, Status } from '../../../../domain/rules/types.ts'
import { evidenceBar, ruleText, ruleWhere, STATES, suspendedWhy } from '../../../text/rules.ts'
import { cut, fit, width } from '../../text/width.ts'
import type { StyledText, ThemeRole } from '../../theme/theme.ts'
import { cachedLine, cellsIn, clippedPieces, type Canvas } from '../frame.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './row-marks.ts'

export const STATUS_ROLES: Record<Status, ThemeRole> = {
  hint: 'dim',
  candidate: 'info',
  confirmed: 'good',
  suspended: 'warn',
  archived: 'faint',
}

const DAY_MS = 86_400_000

/** What matters most about a rule of its status: its evidence, its use, why it was suspended. */
export function ruleTail(rule: RuleRow, now: number, barCells: number): StyledText[] {
  return TAILS[rule.status](rule, now, barCells)
}

const TAILS: Record<Status, (rule: RuleRow, now: number, barCells: number) => StyledText[]> = {
  hint: (rule) => [['faint', rule.source.replaceAll('_', ' ')]],
  candidate: (rule, _now, barCells) => [
    ...(rule.conflicts.length === 0 ? [] : [['bad', '⚠ '] as StyledText]),
    ...(rule.setback === '' ? [] : [['warn', `${rule.setback} `] as StyledText]),
    ['info', `${Math.min(rule.support, rule.needed)}/${rule.needed} `],
    [
      rule.support >= rule.needed ? 'good' : 'info',
      evidenceBar(rule.support, rule.needed, barCells),
    ],
  ],
  confirmed: (rule, now) => {
    const left = rule.expiresAt === null ? Infinity : rule.expiresAt - now
    return [
      ...(left > DAY_MS ? [] : [['warn', `⧗ ${span(left)} left  `] as StyledText]),
      rule.uses === 0
        ? ['dim', `unused ${age(now - rule.changedAt)}`]
        : ['number', usedText(rule, now)],
    ]
  },
  suspended: (rule) => [['warn', suspendedWhy(rule.suspensionReason)]],
  archived: (rule, now) => [['faint', `${age(now - rule.changedAt)} ago`]],
}

/** How often something was used, and when it was last: `12× 2 h`. */
export function usedText(
  { uses, lastUsedAt }: Pick<RuleRow, 'uses' | 'lastUsedAt'>,
  now: number,
): string {
  return `${uses}×${lastUsedAt === null ? '' : ` ${age(now - lastUsedAt)}`}`
}

/** From this width on a row shows the status as a word too; below, only its sign. */
export const STATUS_WORD_FROM = 62

export function drawRuleRow(canvas: Canvas, rule: RuleRow, now: number, marks: RowMarks): string {
  const { width: cells, painter } = canvas
  const tail = ruleTail(rule, now, Math.max(3, Math.min(9, Math.floor(cells * 0.12))))
  const tailText = tail.map(([, text]) => text).join('')
  return cachedLine(rule, `${lookKey(canvas, marks)}${tailText}`, () => {
    const { glyph, word } = STATES[rule.status]
    const status = `${glyph} ${cells >= STATUS_WORD_FROM ? `${fit(word, 9)} ` : ''}`
    const head: StyledText[] = [...markPieces(marks), [STATUS_ROLES[rule.status], status]]
    const end = clippedPieces(tail, Math.max(8, Math.floor(cells * 0.4)))
    const room = cells - cellsIn(head) - cellsIn(end) - 2
    return painter.row(
      cells,
      [...head, ...textPieces(rule, room), ['text', ' '], ...end, ['text', ' ']],
      rowBackground(marks),
    )
  })
}

/** What a rule is about and, where there is room, its scope. */
function textPieces(rule: RuleRow, room: number): StyledText[] {
  const text = ruleText(rule)
  const scope = ` · ${shortScope(rule)}`
  const rest = room - width(text)
  if (rest >= width(scope))
    return [
      ['text', text],
      ['dim', fit(scope, rest)],
    ]
  if (room >= 30 && width(scope) <= room / 3)
    return [
      ['text', cut(text, room - width(scope))],
      ['dim', scope],
    ]
  return [['text', fit(text, Math.max(1, room))]]
}

/** The scope in one or two words: `backend`, `every agent`. */
export function shortScope(rule: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  return ruleWhere(rule).replace(/^for /, '')
}

const COUNTED = ['confirmed', 'candidate', 'suspended', 'hint'] as const

/** The number of rules by status, `✓ confirmed 12  ◇ candidate 3  ⏸ 1`, shortened to the cells. */
export function statusCounts(counts: DeckFacts['rules'], cells: number): string {
  const shown = COUNTED.filter((status) => counts[status] > 0)
  const named = (status: Status): string => {
    const word = status === 'suspended' || status === 'hint' ? '' : `${STATES[status].word} `
    return `${STATES[status].glyph} ${word}${counts[status]}`
  }
  const forms = [
    shown.map(named),
    shown.filter((status) => status !== 'hint').map(named),
    shown.map((status) => `${STATES[status].glyph} ${counts[status]}`),
  ].map((parts) => parts.join('  '))
  return forms.find((text) => width(text) <= cells) ?? forms.at(-1) ?? ''
}
