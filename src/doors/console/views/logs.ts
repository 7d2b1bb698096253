import { plain } from '../../../base/text.ts'
import type { Layer, LogLine } from '../store/layer.ts'
import { timeOfDay } from './audit.ts'
import { centred, type Canvas } from './frame.ts'
import type { View } from './view.ts'

type Logs = Extract<Layer, { kind: 'logs' }>

/** The lines that the filter lets through. */
export function filteredLogs(layer: Logs): readonly LogLine[] {
  if (layer.filter === '') return layer.lines
  const word = layer.filter.toLowerCase()
  return layer.lines.filter((l) => l.text.toLowerCase().includes(word))
}

/** What a pod printed: a window of a bounded number of lines. Following, the newest is at the foot. */
export function logsView(layer: Logs, room: Canvas): View {
  const lines = filteredLogs(layer)
  const last = lines.length - room.height
  const from = layer.follow ? Math.max(0, last) : Math.max(0, Math.min(layer.scroll, last))
  const drawn = lines.slice(from, from + room.height).map((l) =>
    room.painter.row(room.width, [
      ['faint', ` ${timeOfDay(l.at)} `],
      [l.stream === 'stderr' ? 'warn' : 'faint', l.stream === 'stderr' ? '! ' : '  '],
      ['text', plain(l.text, 2000)],
    ]),
  )
  const empty =
    layer.note === ''
      ? layer.filter === ''
        ? 'nothing printed yet'
        : `no line holds “${plain(layer.filter)}”`
      : layer.note
  const state = layer.note !== '' ? layer.note : layer.follow ? '● following' : 'paused'
  const filter =
    layer.filter === ''
      ? ''
      : ` /${plain(layer.filter)} · ${lines.length} of ${layer.lines.length} ·`
  return {
    title: `Logs · ${layer.agent}`,
    right:
      `${filter} ${state} · ${from + drawn.length}/${lines.length}${layer.dropped > 0 ? ` · ${layer.dropped} older let go` : ''}`.trim(),
    lines: drawn.length === 0 ? centred(room, [['dim', empty]]) : drawn,
    scroll: 0,
  }
}
