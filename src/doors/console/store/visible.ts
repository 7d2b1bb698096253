import { isBoard, lanesOf } from './board.ts'
import { paneRows } from './rows.ts'
import type { ConsoleState } from './state.ts'
import { PANES, type PaneName, type UiHalf } from './ui.ts'

/** The keys of the rows that a pane can show by scrolling: filtered, and on the board its lanes. */
export function visibleRows(state: ConsoleState, pane: PaneName): readonly string[] {
  return pane === 'policies' && isBoard(state)
    ? lanesOf(state).flatMap(({ ids }) => ids)
    : paneRows(state.world, pane, state.ui.filter[pane])
}

/** What the operator is doing, with each cursor on a row that its pane shows. */
export function withVisibleCursors(state: ConsoleState): UiHalf {
  const cursor = { ...state.ui.cursor }
  let moved = false
  for (const pane of PANES) {
    const at = cursor[pane]
    const rows = visibleRows(state, pane)
    if (at === null ? pane === 'audit' || rows.length === 0 : rows.includes(at)) continue
    cursor[pane] = pane === 'audit' ? null : (rows[0] ?? null)
    moved = true
  }
  return moved ? { ...state.ui, cursor } : state.ui
}

/** The marked rows of a pane that its filter hides. */
export function hiddenMarks(state: ConsoleState, pane: PaneName): string[] {
  const rows = new Set(visibleRows(state, pane))
  return state.ui.marks[pane].filter((key) => !rows.has(key))
}
