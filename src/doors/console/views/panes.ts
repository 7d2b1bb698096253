import { count } from '../../../base/text.ts'
import { cursorIndex, eventBySeq, rowsOf, ruled } from '../store/select.ts'
import { isBoard } from '../store/board.ts'
import type { ConsoleState } from '../store/store.ts'
import type { PaneName } from '../store/ui.ts'
import { faces } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { PolicyRow } from '../../../domain/policy/types.ts'
import type { Piece } from '../theme/theme.ts'
import { agentLine, type RowMarks } from './agents.ts'
import { HIGH_RISK, approvalBrief, approvalLine, divider } from './approvals.ts'
import { eventLine, perMinute } from './audit.ts'
import { emptyLines } from './empty.ts'
import { centred, frame, hintPieces, inside, windowFrom, type Canvas } from './frame.ts'
import { grouped } from './header.ts'
import { leaseLine, policyLine } from './policies.ts'
import { boardLines } from './board.ts'
import { countsText, ruleLine } from './rules.ts'
import type { Lease } from '../../../domain/leases/types.ts'
import { tableOf } from '../store/world.ts'

/** One pane as lines: its frame, its rows around the cursor, and for approvals what is needed to decide. */
export function paneLines(
  canvas: Canvas,
  pane: PaneName,
  state: ConsoleState,
  boxed: boolean,
): string[] {
  const focused = state.ui.focus === pane
  const rows = rowsOf(state.world, pane, state.ui.filter[pane])
  const room = inside(canvas, boxed)
  const body =
    pane === 'policies' && isBoard(state)
      ? boardLines(room, state, (inner, place, marks) => policiesLine(inner, state, place, marks))
      : rows.length === 0
        ? centred(room, emptyLines(state, pane, room))
        : LINES[pane](room, rows, state, focused)
  const { right, rightRole } = titleOf(pane, state, rows, canvas.width)
  return frame(
    canvas,
    {
      title: TITLES[pane],
      number: NUMBERS[pane],
      right,
      ...(rightRole === undefined ? {} : { rightRole }),
      focused,
      filter: state.ui.filter[pane],
      boxed,
    },
    body,
  )
}

const TITLES: Record<PaneName, string> = {
  agents: 'Agents',
  approvals: 'Approvals',
  policies: 'Policies',
  audit: 'Audit',
}
const NUMBERS: Record<PaneName, string> = { agents: '1', approvals: '2', policies: '3', audit: '4' }

function titleOf(
  pane: PaneName,
  state: ConsoleState,
  rows: readonly string[],
  cells: number,
): { right: string; rightRole?: 'warn' | 'good' | 'info' | 'bad' } {
  const { world, ui } = state
  if (world.deck === null) return { right: '' }
  const marked = ui.marks[pane].length === 0 ? '' : `${ui.marks[pane].length} marked · `
  if (pane === 'agents')
    return {
      right:
        marked +
        (ui.filter.agents === ''
          ? String(rows.length)
          : `${rows.length} of ${tableOf(world, 'agent').size}`),
    }
  if (pane === 'approvals') return approvalsTitle(state, marked)
  if (pane === 'policies') {
    if (world.deck?.policyFile.problem)
      return { right: 'file has a mistake: last good kept', rightRole: 'bad' }
    return { right: marked + policiesTitle(state, cells) }
  }
  if (world.line.state === 'lost') return { right: 'not live', rightRole: 'bad' }
  return ui.cursor.audit === null
    ? { right: `● live · ${grouped(perMinute(world.events, ui.now))} ev/min`, rightRole: 'good' }
    : { right: 'held · g goes live', rightRole: 'warn' }
}

/** How many wait and, where the operator wished for fewer interruptions, how many there were; loud when that is too many. */
function approvalsTitle(
  { world }: ConsoleState,
  marked: string,
): { right: string; rightRole?: 'warn' | 'bad' } {
  const { perHour = null, lastHour = 0 } = world.deck?.budget ?? {}
  const over = perHour !== null && lastHour > perHour
  const wish = perHour === null ? '' : ` · ${over ? '⚠ ' : ''}${lastHour}/${perHour} this hour`
  if (world.waiting.length === 0)
    return { right: `none waiting${wish}`, ...(over ? { rightRole: 'bad' } : {}) }
  return {
    right: `${marked}${world.waiting.length} waiting${wish}`,
    rightRole: over ? 'bad' : 'warn',
  }
}

function policiesTitle({ world }: ConsoleState, cells: number): string {
  const leases = world.ruleOrder.filter((id) => id.startsWith('lease:')).length
  const yours = [
    ...(tableOf(world, 'policy').size === 0
      ? []
      : [count(tableOf(world, 'policy').size, 'policy', 'policies')]),
    ...(leases === 0 ? [] : [`⧗ ${count(leases, 'lease')}`]),
  ].join(' · ')
  const learned = world.deck === null ? '' : countsText(world.deck.rules, cells - 18)
  return learned === ''
    ? yours || 'none'
    : yours !== '' && learned.length + yours.length + 24 < cells
      ? `${learned}  · ${yours}`
      : learned
}

/** The keys that decide an approval, printed from the registry; a high risk says that its yes takes two. */
function decisionKeys(a: Approval, sent: boolean, cells: number): Piece[] {
  if (sent) return [['info', 'sent; waiting for the supervisor to confirm…']]
  const keyed = faces
    .filter((f) => f.about === 'approval' && f.hint !== undefined && f.keys !== undefined)
    .sort((x, y) => (x.hint ?? 0) - (y.hint ?? 0))
  const word = (title: string): string =>
    (title.split(/[ ,]/)[0] ?? '').replace('…', '').toLowerCase()
  return [
    ...(a.risk.score >= HIGH_RISK ? [['risk-high', '⚠ '] as Piece] : []),
    ...hintPieces(
      keyed.map((f) => [f.keys?.[0] ?? '', f.short ?? word(f.title)]),
      cells - 4,
    ),
  ]
}

type Draw = (
  room: Canvas,
  rows: readonly string[],
  state: ConsoleState,
  focused: boolean,
) => string[]

function listed(
  view: object,
  height: number,
  rows: readonly string[],
  cursor: string | null,
  draw: (id: string, at: boolean) => string | undefined,
): string[] {
  const from = windowFrom(view, cursorIndex(rows, cursor), rows.length, height)
  const lines: string[] = []
  for (const id of rows.slice(from, from + height)) {
    const line = draw(id, id === cursor)
    if (line !== undefined) lines.push(line)
  }
  return lines
}

const marksOf = (
  state: ConsoleState,
  pane: PaneName,
  id: string,
  cursor: boolean,
  focused: boolean,
): RowMarks => ({
  cursor,
  focused,
  marked: state.ui.marks[pane].length > 0 && state.ui.marks[pane].includes(id),
})

const RULED = {
  rule: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    ruleLine(room, row as RuleRow, now, marks),
  lease: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    leaseLine(room, row as Lease, now, marks),
  policy: (room: Canvas, row: object, now: number, marks: RowMarks) =>
    policyLine(room, row as PolicyRow, now, marks),
}

/** A learned rule, a lease, or a policy of the operator's. */
export function policiesLine(
  room: Canvas,
  { world, ui }: ConsoleState,
  place: string,
  marks: RowMarks,
): string | undefined {
  const found = ruled(world, place)
  return found === undefined ? undefined : RULED[found.noun](room, found.row, ui.now, marks)
}

const LINES: Record<PaneName, Draw> = {
  agents: (room, rows, state, focused) =>
    listed(state.ui.views.agents, room.height, rows, state.ui.cursor.agents, (id, at) => {
      const agent = tableOf(state.world, 'agent').get(id)
      return agent === undefined
        ? undefined
        : agentLine(
            room,
            agent,
            state.world.usage[id],
            state.ui.now,
            state.ui.busy[id],
            marksOf(state, 'agents', id, at, focused),
          )
    }),
  approvals: (room, rows, state, focused) => {
    const { world, ui } = state
    const selected = tableOf(world, 'approval').get(ui.cursor.approvals ?? '')
    const brief =
      selected === undefined || room.height < 6
        ? 0
        : room.height >= 8
          ? Math.max(4, Math.min(9, Math.floor(room.height * 0.5)))
          : 3
    const height = brief === 0 ? room.height : room.height - brief - 1
    const lines = listed(ui.views.approvals, height, rows, ui.cursor.approvals, (id, at) => {
      const approval = tableOf(world, 'approval').get(id)
      return approval === undefined
        ? undefined
        : approvalLine(
            room,
            approval,
            ui.now,
            ui.deciding[id],
            marksOf(state, 'approvals', id, at, focused),
          )
    })
    if (brief === 0 || selected === undefined) return lines
    const gap = Array.from({ length: Math.max(0, height - lines.length) }, () =>
      ' '.repeat(room.width),
    )
    const more = rows.length > height ? `${rows.length - height} more` : ''
    return [
      ...lines,
      ...gap,
      divider(room.painter, room.width, more),
      ...approvalBrief(
        room,
        selected,
        ui.now,
        brief,
        decisionKeys(selected, ui.deciding[selected.id] !== undefined, room.width),
      ),
    ]
  },
  policies: (room, rows, state, focused) =>
    listed(state.ui.views.policies, room.height, rows, state.ui.cursor.policies, (id, at) => {
      return policiesLine(room, state, id, marksOf(state, 'policies', id, at, focused))
    }),
  audit: (room, rows, state, focused) =>
    listed(state.ui.views.audit, room.height, rows, state.ui.cursor.audit, (id, at) => {
      const event = eventBySeq(state.world, Number(id))
      return event === undefined ? undefined : eventLine(room, event, at, focused)
    }),
}
