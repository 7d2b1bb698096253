import { once, type ConsoleState } from '../store/store.ts'
import type { Rect } from '../terminal-seam.ts'
import { uncovered, type Range } from '../text/slice.ts'
import { boxLayer } from '../views/layers.ts'
import { toastBox } from './toasts.ts'

/** The box on top of everything, drawn once for each state. */
export const boxOf = once(boxLayer)

/** The messages at the foot of the screen, drawn once for each state. */
export const toastsOf = once(toastBox)

/** What lies over the panes without hiding all of them. Ink draws these; who paints panes goes around them. */
export function coversOf(state: ConsoleState): Rect[] {
  return [boxOf(state)?.rect, toastsOf(state)?.rect].filter((rect) => rect !== undefined)
}

/** The cells of row `y` between two columns that no cover lies over. */
export function openCells(y: number, whole: Range, covers: readonly Rect[]): Range[] {
  return uncovered(
    whole,
    covers
      .filter((c) => y >= c.y && y < c.y + c.height)
      .map((c) => ({ from: c.x, to: c.x + c.width })),
  )
}
