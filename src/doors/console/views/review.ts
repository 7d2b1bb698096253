import type { LayerOf } from '../store/layer.ts'
import { isRead } from '../store/reading.ts'
import type { ConsoleState } from '../store/state.ts'
import type { Canvas } from './frame.ts'
import { BLANK_LINE, textLine } from './lines.ts'
import { textLines } from './text-view.ts'
import type { BodyView } from './view.ts'

type Review = LayerOf<'review'>

/** All of what is about to be done. Its last line has the key that does it. */
export function reviewView(
  state: ConsoleState,
  layer: Review,
  room: Canvas,
): BodyView & Required<Pick<BodyView, 'reading'>> {
  const { id, title, danger, scroll, key, does } = layer
  const lines = textLines(room, [BLANK_LINE, ...layer.lines])
  const keys = textLines(room, [
    BLANK_LINE,
    textLine(danger ? 'bad' : 'good', `${key}  ${does}      Esc  cancel`),
  ])
  const right = isRead(state.ui.readings, id) ? '' : '↓ more'
  return {
    title,
    right,
    lines: [...lines, ...keys],
    scroll,
    reading: { key: id, from: 0, to: lines.length },
  }
}
