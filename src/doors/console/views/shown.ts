import { coversOf } from '../overlays/covers.ts'
import { readOn, type ShownText } from '../store/reading.ts'
import type { ConsoleState, ConsoleStore } from '../store/state.ts'
import { setUi } from '../store/store.ts'
import type { Rect } from '../terminal-seam.ts'
import { paneCard } from './card.ts'
import { shownBody } from './layers.ts'

/** Notes what of a text to decide on is on the screen. To be called after it was painted. */
export function noteShown(store: ConsoleStore): void {
  const state = store.getState()
  const shown = shownText(state)
  if (shown === undefined) return
  const before = state.ui.readings[shown.key]
  const reading = readOn(before, shown)
  if (reading !== before)
    setUi(store, (ui) => ({ readings: { ...ui.readings, [shown.key]: reading } }))
}

/** The text to decide on that is on the screen, if nothing covers it. */
export function shownText(state: ConsoleState): ShownText | undefined {
  const body = shownBody(state)
  const found = body === undefined ? shownCard(state) : body
  if (found === undefined || found === null) return undefined
  const { rect, text } = found
  return coversOf(state).some((cover) => overlaps(cover, rect)) ? undefined : text
}

/** The card of the approvals pane, if no view hides the panes. */
function shownCard(state: ConsoleState): { rect: Rect; text: ShownText } | undefined {
  const found = paneCard(state)
  if (found === undefined) return undefined
  const { rect, card } = found
  const { approval, from, to, total, cells, listHeight, hasDivider } = card
  const y = rect.y + 1 + listHeight + Number(hasDivider)
  return {
    rect: { x: rect.x, y, width: rect.width, height: to - from },
    text: { key: approval.id, cells, from, to, total },
  }
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
