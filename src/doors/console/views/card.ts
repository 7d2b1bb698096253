import { plain } from '../../../base/text.ts'
import { faces } from '../../../commands/registry.ts'
import type { Face } from '../../../commands/face.ts'
import { HIGH_RISK } from '../../../domain/approvals/rules.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { precedentText, whyText } from '../../text/approvals.ts'
import { quorumText } from '../../text/quorum.ts'
import { isRead } from '../store/reading.ts'
import { escalationText } from '../../text/escalations.ts'
import type { ConsoleState } from '../store/state.ts'
import { paneRows } from '../store/rows.ts'
import { tableOf } from '../store/world.ts'
import { othersAt, othersText } from './others.ts'
import { cut, fit, wrap } from '../text/width.ts'
import type { StyledText } from '../theme/theme.ts'
import type { Rect } from '../terminal-seam.ts'
import { fittingHints, inside, type Canvas } from './frame.ts'
import { layout } from './layout.ts'
import { divider } from './rows/approval-row.ts'
import { runLineCount, runLines } from './run-lines.ts'

/** Cells of the names at the left of a card, with the spaces around them. */
const NAME_CELLS = 13

/** What is needed to decide on an approval, below the list of those that wait. */
export interface Card {
  approval: Approval
  /** Rows that are left for the list. */
  listHeight: number
  hasDivider: boolean
  /** The lines of what would run that are shown: from `from` up to `to` of `total`. */
  from: number
  to: number
  total: number
  cells: number
  /** Who else has this question open. */
  others: readonly string[]
  /** Rows for why it waits, what was decided before, and its goal. */
  extras: number
}

/**
 * The card of the approval under the cursor; none in a pane of fewer than three rows. What would
 * run has the most room, and is scrolled if it is longer.
 */
export function cardOf(room: Canvas, state: ConsoleState): Card | undefined {
  const { ui, world } = state
  const approval = tableOf(world, 'approval').get(ui.cursor.approvals ?? '')
  if (approval === undefined || room.height < 3) return undefined
  const rows = paneRows(world, 'approvals', ui.filter.approvals).length
  const hasDivider = room.height >= 5
  const cells = Math.max(8, room.width - NAME_CELLS)
  const total = runLineCount(approval, cells)
  const most = room.height - Number(hasDivider) - listRows(room.height, rows) - 1
  const wanted = EXTRAS + Number(approval.quorum !== undefined)
  const extras = Math.min(wanted, Math.max(most - total, most >= 4 ? 1 : 0))
  const shown = Math.min(total, most - extras)
  const scroll = ui.card.id === approval.id ? ui.card.scroll : 0
  const from = Math.max(0, Math.min(scroll, total - shown))
  return {
    approval,
    listHeight: room.height - Number(hasDivider) - shown - extras - 1,
    hasDivider,
    from,
    to: from + shown,
    total,
    cells,
    others: othersAt(state, approval.id),
    extras,
  }
}

/** The card in the approvals pane, and where the pane is. */
export function paneCard(state: ConsoleState): { rect: Rect; card: Card } | undefined {
  const { ui } = state
  const place = layout(ui).panes.find(({ id }) => id === 'approvals')
  if (place === undefined) return undefined
  const { rect, boxed } = place
  const room = inside({ width: rect.width, height: rect.height, painter: ui.painter }, boxed)
  const card = cardOf(room, state)
  return card === undefined ? undefined : { rect, card }
}

/** Rows besides the command: two of why, one of precedents, one of the goal; one more of people. */
const EXTRAS = 4

/** Rows that the list keeps, whatever the card needs. */
function listRows(height: number, rows: number): number {
  if (height < 8) return 1
  return Math.max(1, Math.min(rows, height < 14 ? 2 : 4))
}

/** The lines of a card, its divider first. */
export function drawCard(room: Canvas, state: ConsoleState, card: Card, hidden: number): string[] {
  const { painter, width } = room
  const { approval: a, from, to } = card
  const name = (text: string): StyledText => ['dim', ` ${fit(text, NAME_CELLS - 2)} `]
  const shown = { from, to, cells: card.cells, riskyParts: state.ui.riskyParts }
  const run = runLines(a, shown).map((pieces, i) =>
    painter.row(width, [name(i === 0 ? plain(a.action.type) : ''), ...pieces]),
  )
  const extras = extraRows(state, card).map(([label, text]) =>
    painter.row(width, [name(label), text]),
  )
  return [
    ...(card.hasDivider ? [divider(painter, width, dividerText(card, hidden))] : []),
    ...run,
    ...extras,
    painter.row(width, [['text', ' '], ...keysOf(state, card, width)]),
  ]
}

function dividerText({ from, to, total, others }: Card, hidden: number): string {
  const parts = [
    othersText(others),
    hidden > 0 ? `${hidden} more` : '',
    to - from < total ? `lines ${from + 1}–${to} of ${total}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

type ExtraRow = readonly [label: string, text: StyledText]

function extraRows({ ui, world }: ConsoleState, { approval: a, cells, extras }: Card): ExtraRow[] {
  const { now } = ui
  const why = wrap(whyText(a), cells)
  const goal = plain(a.action.goal)
  const told = escalationText(tableOf(world, 'escalation').get(a.id), now)
  const people = quorumText(a)
  const first: ExtraRow[] = people === '' ? [] : [['people', ['warn', cut(people, cells)]]]
  const others: ExtraRow[] = [
    ...(told === undefined ? [] : [['told', ['info', told]] as const]),
    ['like this', ['text', precedentText(a, now)]],
    ...(goal === '' ? [] : [['goal', ['dim', `“${goal}”`]] as const]),
  ]
  const room = Math.max(1, extras - first.length - others.length)
  const whyRows = clipped(why, room, cells).map((line, i): ExtraRow => [
    i === 0 ? 'why' : '',
    ['text', line],
  ])
  return [...first, ...whyRows, ...others].slice(0, extras)
}

function clipped(lines: string[], most: number, cells: number): string[] {
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), cut(`${lines[most - 1] ?? ''} ${lines[most] ?? ''}`, cells)]
}

/** The keys that decide. Until all of what would run was shown, how to read on comes first. */
function keysOf({ ui }: ConsoleState, { approval: a }: Card, cells: number): StyledText[] {
  if (ui.deciding[a.id] !== undefined)
    return [['info', 'sent, waiting for the supervisor to confirm…']]
  if (a.heldSince !== undefined) return heldPieces(a)
  const wasRead = isRead(ui.readings, a.id)
  const keyed = faces
    .filter((f) => f.about === 'approval' && f.hint !== undefined && f.keys !== undefined)
    .filter((f) => wasRead || f.inConsole !== 'allow')
    .sort((x, y) => (x.hint ?? 0) - (y.hint ?? 0))
  const warning: StyledText[] = [
    ...(a.risk.score >= HIGH_RISK ? [['risk-high', '⚠ '] as const] : []),
    ...(wasRead ? [] : READ_ON),
  ]
  const room = cells - 4 - (wasRead ? 0 : READ_ON_CELLS)
  const hints = fittingHints(
    keyed.map((f) => [f.keys?.[0] ?? '', shortName(f)]),
    room,
  )
  return [...warning, ...hints]
}

/** While its agent is frozen, the keys that decide do nothing. */
function heldPieces({ agent }: Approval): StyledText[] {
  return [
    ['info', `held: ${agent} is frozen  `],
    ['key', 'U'],
    ['hint', ' thaw  '],
    ['key', 'w'],
    ['hint', ' why'],
  ]
}

const READ_ON: readonly StyledText[] = [
  ['key', 'J'],
  ['warn', ' read all before y  '],
]
const READ_ON_CELLS = 20

function shortName({ short, title }: Face): string {
  return short ?? (title.split(/[ ,]/)[0] ?? '').replace('…', '').toLowerCase()
}
