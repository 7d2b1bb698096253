import type { ConsoleState } from '../store/state.ts'
import { oncePerState } from '../store/once.ts'
import type { Rect } from '../terminal-seam.ts'
import { uncovered, type CellRange } from '../text/slice.ts'
import { boxLayer } from '../views/layers.ts'
import { toastBox } from './toasts.ts'

/** The box on top of everything. */
export const boxOf = oncePerState(boxLayer)

/** The messages at the foot of the screen. */
export const toastsOf = oncePerState(toastBox)

/** What covers parts of the panes. Ink draws these; whatever paints panes leaves them out. */
export function coversOf(state: ConsoleState): Rect[] {
  return [boxOf(state)?.rect, toastsOf(state)?.rect].filter((rect) => rect !== undefined)
}

/** The cells of row `y` within `whole` that no cover hides. */
export function openCells(y: number, whole: CellRange, covers: readonly Rect[]): CellRange[] {
  return uncovered(
    whole,
    covers
      .filter((c) => y >= c.y && y < c.y + c.height)
      .map((c) => ({ from: c.x, to: c.x + c.width })),
  )
}
