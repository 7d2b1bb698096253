import { cursorIndex, eventBySeq, NO_ROWS, paneRows, rowObject } from './rows.ts'
import type { ConsoleState } from './state.ts'
import { visibleRows, withVisibleCursors } from './visible.ts'
import { PANES, type PaneName, type UiHalf } from './ui.ts'
import { tableOf, type WorldHalf } from './world.ts'

/** What the operator is doing, after the deck changed: cursors and marks follow their rows. */
export function settle(before: ConsoleState, world: WorldHalf, now: number): UiHalf {
  let ui = before.ui
  for (const pane of PANES) {
    if (pane === 'audit') ui = settleAudit(ui, world)
    else ui = settleCursor(settleMarks(ui, world, pane), { before, world, pane, now })
  }
  const deciding = ofPending(world, ui.deciding)
  const readings = stillRead(world, ui)
  return withVisibleCursors({ world, ui: { ...ui, deciding, readings } })
}

/** The readings of approvals that are pending, and of open reviews. */
function stillRead(world: WorldHalf, { readings, layers }: UiHalf): UiHalf['readings'] {
  const keep = (key: string): boolean =>
    tableOf(world, 'approval').get(key)?.state === 'pending' ||
    layers.some((l) => l.kind === 'review' && l.id === key)
  return Object.keys(readings).every(keep)
    ? readings
    : Object.fromEntries(Object.entries(readings).filter(([key]) => keep(key)))
}

/**
 * Without what is about an approval that is no longer pending; the same object if there is none.
 */
function ofPending<T>(
  world: WorldHalf,
  byId: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  const isPending = (id: string): boolean => tableOf(world, 'approval').get(id)?.state === 'pending'
  const ids = Object.keys(byId)
  return ids.every(isPending)
    ? byId
    : Object.fromEntries(Object.entries(byId).filter(([id]) => isPending(id)))
}

function settleAudit(ui: UiHalf, world: WorldHalf): UiHalf {
  const seq = ui.cursor.audit
  return seq === null || eventBySeq(world, Number(seq)) !== undefined
    ? ui
    : { ...ui, cursor: { ...ui.cursor, audit: null } }
}

/** Keeps the marks of rows that are still there; of approvals, those that are still pending. */
function settleMarks(ui: UiHalf, world: WorldHalf, pane: PaneName): UiHalf {
  const marked = ui.marks[pane]
  const kept = marked.filter(
    (m) =>
      rowObject(world, pane, m) !== undefined &&
      (pane !== 'approvals' || tableOf(world, 'approval').get(m)?.state === 'pending'),
  )
  return kept.length === marked.length ? ui : { ...ui, marks: { ...ui.marks, [pane]: kept } }
}

/** The state before a change, and the world after it, seen from one pane. */
interface Change {
  before: ConsoleState
  world: WorldHalf
  pane: PaneName
  now: number
}

function settleCursor(ui: UiHalf, change: Change): UiHalf {
  const { before, world, pane, now } = change
  const rows = paneRows(world, pane, ui.filter[pane])
  const id = ui.cursor[pane]
  if (staysAtTop(before, pane, rows))
    return { ...ui, cursor: { ...ui.cursor, [pane]: rows[0] as string } }
  if (id === null ? rows.length === 0 : rows.includes(id) || isOnBoard(change, ui, id)) return ui
  const shiftedAt = before.world.deck === null ? ui.shiftedAt : { ...ui.shiftedAt, [pane]: now }
  return { ...ui, shiftedAt, cursor: { ...ui.cursor, [pane]: neighbour(change, rows) } }
}

/** The cursor at the top of the unfocused policies pane stays there: nobody chose its row. */
function staysAtTop({ world, ui }: ConsoleState, pane: PaneName, rows: readonly string[]): boolean {
  const id = ui.cursor[pane]
  return (
    pane === 'policies' &&
    ui.focus !== pane &&
    rows.length > 0 &&
    id !== null &&
    id !== rows[0] &&
    paneRows(world, pane, ui.filter[pane])[0] === id
  )
}

/** Whether a row is on the board, which also shows archived rules. */
function isOnBoard({ world, pane }: Change, ui: UiHalf, key: string): boolean {
  return pane === 'policies' && visibleRows({ world, ui }, pane).includes(key)
}

/** The next row when the cursor's own is gone: the first remaining one after it, else the last. */
function neighbour({ before, pane }: Change, rows: readonly string[]): string | null {
  if (rows.length === 0) return null
  const id = before.ui.cursor[pane]
  const old = id === null ? NO_ROWS : paneRows(before.world, pane, before.ui.filter[pane])
  const from = cursorIndex(old, id)
  if (from < 0) return rows[0] as string
  const here = new Set(rows)
  return (
    old.slice(from + 1).find((other) => here.has(other)) ??
    (rows[Math.min(from, rows.length - 1)] as string)
  )
}
