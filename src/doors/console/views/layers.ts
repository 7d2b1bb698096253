import { confirmBox, typedBox, wizardBox, type BoxDraft } from '../overlays/boxes.ts'
import { formBox } from '../overlays/form.ts'
import { paletteBox } from '../overlays/palette.ts'
import { placeOf, type UiLayer } from '../store/layer.ts'
import type { ShownText } from '../store/reading.ts'
import type { ConsoleState } from '../store/state.ts'
import type { Rect } from '../terminal-seam.ts'
import { drawFrame, inside, type Canvas } from './frame.ts'
import { helpView } from './help.ts'
import { listView } from './list-view.ts'
import { logsView } from './logs.ts'
import { detailView } from './pages/detail.ts'
import { pairingIsBoxed, pairingView } from './pairing-view.ts'
import { previewView } from './preview.ts'
import { reviewView } from './review.ts'
import { tableView } from './table-view.ts'
import { textView } from './text-view.ts'
import type { BodyView } from './view.ts'

/** The top view that takes the whole body. */
export function bodyLayer(state: ConsoleState, rect: Pick<Rect, 'width' | 'height'>): string[] {
  const layer = state.ui.layers.findLast((l) => placeOf(l) === 'body')
  if (layer === undefined) return []
  const canvas: Canvas = { ...rect, painter: state.ui.painter }
  const boxed = layer.kind !== 'pairing' || pairingIsBoxed(layer, canvas)
  const room = inside(canvas, boxed)
  const view = viewOf(state, layer, room)
  if (view === undefined) return []
  const { title, right, lines, scroll } = view
  const from = Math.max(0, Math.min(scroll, lines.length - room.height))
  const shown = lines.slice(from, from + room.height)
  const position = `${from + shown.length}/${lines.length}`
  const parts = [right, lines.length > room.height ? position : '']
  return drawFrame(
    canvas,
    { title, right: parts.filter((part) => part !== '').join(' · '), focused: true, boxed },
    shown,
  )
}

/**
 * The text to decide on in the top view over the panes. `null` if there is such a view without one:
 * it hides the panes.
 */
export function shownBody(state: ConsoleState): { rect: Rect; text: ShownText } | null | undefined {
  const { columns, rows, painter } = state.ui
  const layer = state.ui.layers.findLast((l) => placeOf(l) === 'body')
  if (layer === undefined) return undefined
  if (layer.kind !== 'detail' && layer.kind !== 'review') return null
  const room = inside({ width: columns, height: Math.max(1, rows - 2), painter }, true)
  const view = viewOf(state, layer, room)
  if (view?.reading === undefined) return null
  const { key, from, to } = view.reading
  const first = Math.max(0, Math.min(view.scroll, view.lines.length - room.height))
  const top = Math.max(from, first)
  const bottom = Math.min(to, first + room.height)
  if (bottom <= top) return null
  return {
    rect: { x: 0, y: 2 + top - first, width: columns, height: bottom - top },
    text: { key, cells: room.width, from: top - from, to: bottom - from, total: to - from },
  }
}

/** How far a view can be scrolled. */
export function longestScroll(state: ConsoleState, layer: UiLayer): number {
  const room = {
    width: state.ui.columns - 2,
    height: Math.max(1, state.ui.rows - 4),
    painter: state.ui.painter,
  }
  return Math.max(0, (viewOf(state, layer, room)?.lines.length ?? 0) - room.height)
}

function viewOf(state: ConsoleState, layer: UiLayer, room: Canvas): BodyView | undefined {
  if (layer.kind === 'detail') return detailView(state, layer, room)
  if (layer.kind === 'text') return textView(layer, room)
  if (layer.kind === 'logs') return logsView(layer, room)
  if (layer.kind === 'list') return listView(state, layer, room)
  if (layer.kind === 'table') return tableView(state, layer, room)
  if (layer.kind === 'pairing') return pairingView(state, layer, room)
  if (layer.kind === 'preview') return previewView(layer, room)
  if (layer.kind === 'review') return reviewView(state, layer, room)
  return layer.kind === 'help' ? helpView(state, layer, room) : undefined
}

const PALETTE_COLUMNS = 90
const BOX_COLUMNS = 78

/** The box on top of everything, with its place. */
export function boxLayer(state: ConsoleState): { rect: Rect; lines: string[] } | undefined {
  const layer = state.ui.layers.at(-1)
  if (layer === undefined || placeOf(layer) !== 'box') return undefined
  const { columns, rows, painter } = state.ui
  const most = layer.kind === 'palette' ? PALETTE_COLUMNS : BOX_COLUMNS
  const room = { width: Math.max(20, Math.min(columns - 4, most)), height: rows - 4, painter }
  const draft = draftOf(state, layer, room)
  if (draft === undefined) return undefined
  const height = Math.min(rows - 2, draft.lines.length + 2)
  const width = Math.min(columns, draft.width + 2)
  const y =
    layer.kind === 'palette'
      ? Math.min(3, Math.max(0, rows - height - 1))
      : Math.max(1, Math.floor((rows - height) / 2))
  const look = {
    title: draft.title,
    right: draft.right ?? '',
    focused: true,
    boxed: true,
    ...(draft.danger === true ? { danger: true, rightRole: 'bad' as const } : {}),
  }
  return {
    rect: { x: Math.max(0, Math.floor((columns - width) / 2)), y, width, height },
    lines: drawFrame({ width, height, painter }, look, draft.lines),
  }
}

function draftOf(state: ConsoleState, layer: UiLayer, room: Canvas): BoxDraft | undefined {
  const canvas = { ...room, width: room.width - 2 }
  if (layer.kind === 'palette') return paletteBox(state, layer, canvas)
  if (layer.kind === 'confirm') return confirmBox(layer, canvas)
  if (layer.kind === 'typed') return typedBox(layer, canvas)
  if (layer.kind === 'form') return formBox(layer, canvas)
  return layer.kind === 'wizard' ? wizardBox(layer, canvas) : undefined
}
