import { plain } from '../../../base/text.ts'
import type { LayerOf, LogLine } from '../store/layer.ts'
import { centred, type Canvas } from './frame.ts'
import { timeOfDay } from './rows/event-row.ts'
import type { BodyView } from './view.ts'

type Logs = LayerOf<'logs'>

/** The lines that match the filter. */
export function filteredLogs({ lines, filter }: Logs): readonly LogLine[] {
  if (filter === '') return lines
  const word = filter.toLowerCase()
  return lines.filter((l) => l.text.toLowerCase().includes(word))
}

/** The output of a pod. When following, the newest line is at the foot. */
export function logsView(layer: Logs, room: Canvas): BodyView {
  const lines = filteredLogs(layer)
  const last = lines.length - room.height
  const from = Math.max(0, layer.follow ? last : Math.min(layer.scroll, last))
  const drawn = lines.slice(from, from + room.height).map((line) => logLine(room, line))
  const position = `${from + drawn.length}/${lines.length}`
  const parts = [
    ...(layer.filter === ''
      ? []
      : [`/${plain(layer.filter)}`, `${lines.length} of ${layer.lines.length}`]),
    stateText(layer),
    position,
    ...(layer.dropped > 0 ? [`${layer.dropped} older dropped`] : []),
  ]
  return {
    title: `Logs · ${layer.agent}`,
    right: parts.join(' · '),
    lines: drawn.length === 0 ? centred(room, [['dim', emptyText(layer)]]) : drawn,
    scroll: 0,
  }
}

function logLine({ painter, width }: Canvas, { at, stream, text }: LogLine): string {
  const isError = stream === 'stderr'
  return painter.row(width, [
    ['faint', ` ${timeOfDay(at)} `],
    isError ? ['warn', '! '] : ['faint', '  '],
    ['text', plain(text, 2000)],
  ])
}

function stateText({ note, follow }: Logs): string {
  if (note !== '') return note
  return follow ? '● following' : 'paused'
}

function emptyText({ note, filter }: Logs): string {
  if (note !== '') return note
  return filter === '' ? 'No output yet' : `No match for “${plain(filter)}”`
}
