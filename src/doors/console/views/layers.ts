import type { Layer } from '../store/layer.ts'
import { placeOf } from '../store/layer.ts'
import type { ConsoleState } from '../store/store.ts'
import type { Rect } from '../terminal-seam.ts'
import { confirmBox, typedBox, wizardBox, type BoxDraft } from '../overlays/boxes.ts'
import { detailView } from './detail.ts'
import { formBox } from '../overlays/form.ts'
import { frame, inside, type Canvas } from './frame.ts'
import { helpView } from './help.ts'
import { logsView } from './logs.ts'
import { paletteBox } from '../overlays/palette.ts'
import { previewView } from './preview.ts'
import { tableView } from './table-view.ts'
import { textView } from './text-view.ts'
import type { View } from './view.ts'

/** The topmost view that takes the whole body, drawn. */
export function bodyLayer(state: ConsoleState, rect: Pick<Rect, 'width' | 'height'>): string[] {
  const layer = state.ui.layers.findLast((l) => placeOf(l) === 'body')
  if (layer === undefined) return []
  const canvas: Canvas = { width: rect.width, height: rect.height, painter: state.ui.painter }
  const room = inside(canvas, true)
  const view = viewOf(state, layer, room)
  if (view === undefined) return []
  const from = Math.max(0, Math.min(view.scroll, view.lines.length - room.height))
  const more =
    view.lines.length > room.height
      ? `${view.right === '' ? '' : `${view.right} · `}${Math.min(view.lines.length, from + room.height)}/${view.lines.length}`
      : view.right
  return frame(
    canvas,
    { title: view.title, right: more, focused: true, boxed: true },
    view.lines.slice(from, from + room.height),
  )
}

/** How far a view can be scrolled in a room of `height` rows. */
export function longestScroll(state: ConsoleState, layer: Layer): number {
  const room = {
    width: state.ui.columns - 2,
    height: Math.max(1, state.ui.rows - 4),
    painter: state.ui.painter,
  }
  return Math.max(0, (viewOf(state, layer, room)?.lines.length ?? 0) - room.height)
}

function viewOf(state: ConsoleState, layer: Layer, room: Canvas): View | undefined {
  if (layer.kind === 'detail') return detailView(state, layer, room)
  if (layer.kind === 'text') return textView(layer, room)
  if (layer.kind === 'logs') return logsView(layer, room)
  if (layer.kind === 'table') return tableView(state, layer, room)
  if (layer.kind === 'preview') return previewView(layer, room)
  return layer.kind === 'help' ? helpView(state, layer, room) : undefined
}

/** The box on top of everything, with its place. */
export function boxLayer(state: ConsoleState): { rect: Rect; lines: string[] } | undefined {
  const layer = state.ui.layers.at(-1)
  if (layer === undefined || placeOf(layer) !== 'box') return undefined
  const { columns, rows, painter } = state.ui
  const draft = draftOf(state, layer, {
    width: Math.max(20, Math.min(columns - 4, layer.kind === 'palette' ? 90 : 78)),
    height: rows - 4,
    painter,
  })
  if (draft === undefined) return undefined
  const height = Math.min(rows - 2, draft.lines.length + 2)
  const width = Math.min(columns, draft.width + 2)
  const rect = {
    x: Math.max(0, Math.floor((columns - width) / 2)),
    y:
      layer.kind === 'palette'
        ? Math.min(3, Math.max(0, rows - height - 1))
        : Math.max(1, Math.floor((rows - height) / 2)),
    width,
    height,
  }
  return {
    rect,
    lines: frame(
      { width, height, painter },
      {
        title: draft.title,
        right: draft.right ?? '',
        focused: true,
        boxed: true,
        ...(draft.danger === true ? { danger: true, rightRole: 'bad' } : {}),
      },
      draft.lines,
    ),
  }
}

function draftOf(state: ConsoleState, layer: Layer, room: Canvas): BoxDraft | undefined {
  const canvas = { ...room, width: room.width - 2 }
  if (layer.kind === 'palette') return paletteBox(state, layer, canvas)
  if (layer.kind === 'confirm') return confirmBox(layer, canvas)
  if (layer.kind === 'typed') return typedBox(layer, canvas)
  if (layer.kind === 'form') return formBox(layer, canvas)
  return layer.kind === 'wizard' ? wizardBox(layer, canvas) : undefined
}
