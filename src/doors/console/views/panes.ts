import { count } from '../../../base/text.ts'
import type { Lease } from '../../../domain/leases/types.ts'
import type { PolicyRow } from '../../../domain/policy/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { isBoard } from '../store/board.ts'
import { cursorIndex, eventBySeq, paneRows, policyPaneRow } from '../store/rows.ts'
import type { ConsoleState } from '../store/state.ts'
import type { PaneName } from '../store/ui.ts'
import { hiddenMarks } from '../store/visible.ts'
import { tableOf } from '../store/world.ts'
import { boardLines } from './board.ts'
import { emptyLines } from './empty.ts'
import { cardOf, drawCard } from './card.ts'
import { centred, drawFrame, inside, windowFrom, type Canvas } from './frame.ts'
import { spacedNumber } from './header.ts'
import type { Placed } from './layout.ts'
import { actsOf } from '../store/others.ts'
import { drawAgentRow } from './rows/agent-row.ts'
import { drawApiAgentRow } from './rows/api-agent-row.ts'
import { drawApprovalRow } from './rows/approval-row.ts'
import { drawEventRow, perMinute } from './rows/event-row.ts'
import { drawLeaseRow, drawPolicyRow } from './rows/policy-rows.ts'
import type { RowMarks } from './rows/row-marks.ts'
import { drawRuleRow, statusCounts } from './rows/rule-row.ts'

/** A pane: its frame, the rows around the cursor, and for approvals what is needed to decide. */
export function paneLines(
  { rect, boxed }: Pick<Placed, 'rect' | 'boxed'>,
  pane: PaneName,
  state: ConsoleState,
): string[] {
  const { ui, world } = state
  const canvas = { width: rect.width, height: rect.height, painter: ui.painter }
  const rows = paneRows(world, pane, ui.filter[pane])
  const look = {
    title: TITLES[pane],
    number: NUMBERS[pane],
    ...titleRight(pane, state, { shown: rows.length, cells: canvas.width }),
    focused: ui.focus === pane,
    filter: ui.filter[pane],
    boxed,
  }
  return drawFrame(canvas, look, paneBody(inside(canvas, boxed), pane, state, rows))
}

function paneBody(
  room: Canvas,
  pane: PaneName,
  state: ConsoleState,
  rows: readonly string[],
): string[] {
  if (pane === 'policies' && isBoard(state))
    return boardLines(room, state, (inner, key, marks) =>
      policyPaneLine(inner, state, { key, marks }),
    )
  if (rows.length === 0) return centred(room, emptyLines(state, pane, room))
  return BODIES[pane](room, rows, state)
}

const TITLES: Record<PaneName, string> = {
  agents: 'Agents',
  approvals: 'Approvals',
  policies: 'Policies',
  audit: 'Audit',
}
const NUMBERS: Record<PaneName, string> = { agents: '1', approvals: '2', policies: '3', audit: '4' }

interface TitleRight {
  right: string
  rightRole?: 'warn' | 'good' | 'info' | 'bad'
}

/** How many rows a pane shows, and the width of its frame. */
interface PaneSize {
  shown: number
  cells: number
}

/** What stands at the right of a pane's title. */
function titleRight(pane: PaneName, state: ConsoleState, size: PaneSize): TitleRight {
  if (state.world.deck === null) return { right: '' }
  const marks = state.ui.marks[pane].length
  const hidden = marks === 0 ? 0 : hiddenMarks(state, pane).length
  const outside = hidden === 0 ? '' : ` (${hidden} outside of the filter)`
  return TITLE_RIGHTS[pane](state, marks === 0 ? '' : `${marks} marked${outside} · `, size)
}

const TITLE_RIGHTS: Record<
  PaneName,
  (state: ConsoleState, marked: string, size: PaneSize) => TitleRight
> = {
  agents: ({ ui, world }, marked, { shown }) => ({
    right: `${marked}${shown}${ui.filter.agents === '' ? '' : ` of ${world.agentOrder.length}`}`,
  }),
  approvals: approvalsRight,
  policies(state, marked, { cells }) {
    const { journalProblem, policyFile } = state.world.deck ?? {}
    if (journalProblem) return { right: 'journal broken: nothing allows', rightRole: 'bad' }
    return policyFile?.problem
      ? { right: 'error in the file: previous policies in force', rightRole: 'bad' }
      : { right: marked + policyCounts(state, cells) }
  },
  audit: ({ world, ui }) => {
    if (world.connection.state === 'lost') return { right: 'not live', rightRole: 'bad' }
    if (ui.cursor.audit !== null) return { right: 'paused · g goes live', rightRole: 'warn' }
    const rate = spacedNumber(perMinute(world.events, ui.now))
    return { right: `● live · ${rate} events/min`, rightRole: 'good' }
  },
}

/** How many wait and, with a budget, how many there were this hour; marked when over the budget. */
function approvalsRight(
  { world, ui }: ConsoleState,
  marked: string,
  { shown }: PaneSize,
): TitleRight {
  const { perHour = null, lastHour = 0 } = world.deck?.budget ?? {}
  const over = perHour !== null && lastHour > perHour
  const budget = perHour === null ? '' : ` · ${over ? '⚠ ' : ''}${lastHour}/${perHour} this hour`
  if (world.waiting.length === 0)
    return { right: `none waiting${budget}`, ...(over ? { rightRole: 'bad' } : {}) }
  return {
    right: `${marked}${ui.filter.approvals === '' ? '' : `${shown} of `}${world.waiting.length} waiting${budget}`,
    rightRole: over ? 'bad' : 'warn',
  }
}

function policyCounts({ world }: ConsoleState, cells: number): string {
  const policies = tableOf(world, 'policy').size
  const leases = world.ruleOrder.filter((key) => key.startsWith('lease:')).length
  const yours = [
    policies === 0 ? '' : count(policies, 'policy', 'policies'),
    leases === 0 ? '' : `⧗ ${count(leases, 'lease')}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
  const learned = world.deck === null ? '' : statusCounts(world.deck.rules, cells - 18)
  if (learned === '') return yours || 'none'
  const isRoomForBoth = learned.length + yours.length + 24 < cells
  return yours !== '' && isRoomForBoth ? `${learned}  · ${yours}` : learned
}

/** Draws the rows of a pane that are in its window. */
function listed(
  state: ConsoleState,
  pane: PaneName,
  { rows, height }: { rows: readonly string[]; height: number },
  draw: (key: string, marks: RowMarks) => string | undefined,
): string[] {
  const { ui } = state
  const cursor = ui.cursor[pane]
  const marks = ui.marks[pane]
  const focused = ui.focus === pane
  const from = windowFrom(ui.scrollKeys[pane], cursorIndex(rows, cursor), rows.length, height)
  const lines: string[] = []
  for (const key of rows.slice(from, from + height)) {
    const marked = marks.length > 0 && marks.includes(key)
    const line = draw(key, { cursor: key === cursor, focused, marked })
    if (line !== undefined) lines.push(line)
  }
  return lines
}

const POLICY_PANE_LINES = {
  rule: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    drawRuleRow(room, row as RuleRow, now, marks),
  lease: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    drawLeaseRow(room, row as Lease, now, marks),
  policy: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    drawPolicyRow(room, row as PolicyRow, now, marks),
}

/** A learned rule, a lease, or one of the operator's policies. */
function policyPaneLine(
  room: Canvas,
  { world, ui }: ConsoleState,
  { key, marks }: { key: string; marks: RowMarks },
): string | undefined {
  const found = policyPaneRow(world, key)
  if (found === undefined) return undefined
  return POLICY_PANE_LINES[found.noun](room, found.row, ui.now, marks)
}

type Body = (room: Canvas, rows: readonly string[], state: ConsoleState) => string[]

const BODIES: Record<PaneName, Body> = {
  agents: (room, rows, state) =>
    listed(state, 'agents', { rows, height: room.height }, (name, marks) => {
      const { world, ui } = state
      const agent = tableOf(world, 'agent').get(name)
      const facts = { usage: world.usage[name], now: ui.now, busy: ui.busy[name] }
      if (agent !== undefined) return drawAgentRow(room, agent, facts, marks)
      const other = tableOf(world, 'api_agent').get(name)
      if (other === undefined) return undefined
      return drawApiAgentRow(room, other, { now: ui.now, ...actsOf(world, name) }, marks)
    }),
  approvals: approvalsBody,
  policies: (room, rows, state) =>
    listed(state, 'policies', { rows, height: room.height }, (key, marks) =>
      policyPaneLine(room, state, { key, marks }),
    ),
  audit: (room, rows, state) =>
    listed(state, 'audit', { rows, height: room.height }, (seq, marks) => {
      const event = eventBySeq(state.world, Number(seq))
      return event === undefined ? undefined : drawEventRow(room, event, marks)
    }),
}

/** The list, and below it what is needed to decide on the row under the cursor. */
function approvalsBody(room: Canvas, rows: readonly string[], state: ConsoleState): string[] {
  const { world, ui } = state
  const card = cardOf(room, state)
  const height = card?.listHeight ?? room.height
  const lines = listed(state, 'approvals', { rows, height }, (id, marks) => {
    const approval = tableOf(world, 'approval').get(id)
    if (approval === undefined) return undefined
    return drawApprovalRow(room, approval, { now: ui.now, deciding: ui.deciding[id] }, marks)
  })
  if (card === undefined) return lines
  const blank = ' '.repeat(room.width)
  while (lines.length < height) lines.push(blank)
  return [...lines, ...drawCard(room, state, card, Math.max(0, rows.length - height))]
}
