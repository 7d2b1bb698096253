import { plain } from '../../../../base/text.ts'
import type { DeckEvent } from '../../../../journal/types.ts'
import { eventText } from '../../../text/events.ts'
import { fit } from '../../text/width.ts'
import type { ThemeRole } from '../../theme/theme.ts'
import { cachedLine, type Canvas } from '../frame.ts'
import { lookKey, rowBackground } from './row-marks.ts'

const BAD = /refused|failed|denied|drifted|expired|exited/
const GOOD = /started|relocked|initialised|granted|^rule\.confirmed/
const ASKS = /^approval\.|^rule\.suspended|lagged/

function eventRole(event: DeckEvent): ThemeRole {
  if (event.type === 'approval.decided' && (event.body as { state?: string }).state === 'denied')
    return 'bad'
  if (BAD.test(event.type)) return 'bad'
  if (GOOD.test(event.type)) return 'good'
  return ASKS.test(event.type) ? 'warn' : 'event'
}

const QUARTER_HOUR_MS = 900_000
const DAY_MS = 86_400_000

let offsetFor = -1
let offset = 0

/** The offset from UTC, looked up once per quarter of an hour: it changes no more often. */
function offsetAt(at: number): number {
  const quarter = Math.floor(at / QUARTER_HOUR_MS)
  if (quarter !== offsetFor) {
    offsetFor = quarter
    offset = new Date(at).getTimezoneOffset() * 60_000
  }
  return offset
}

const twoDigits = (n: number): string => (n < 10 ? `0${n}` : String(n))

/** The local time of day: `09:05:30`. */
export function timeOfDay(at: number): string {
  const ms = (at - offsetAt(at)) % DAY_MS
  const s = Math.floor(((ms + DAY_MS) % DAY_MS) / 1000)
  return `${twoDigits(Math.floor(s / 3600))}:${twoDigits(Math.floor(s / 60) % 60)}:${twoDigits(s % 60)}`
}

/** The row of one event: time, subject, type, what it says. */
export function drawEventRow(
  canvas: Canvas,
  event: DeckEvent,
  { cursor, focused }: { cursor: boolean; focused: boolean },
): string {
  const marks = { cursor, focused, marked: false }
  return cachedLine(event, lookKey(canvas, marks), () => {
    const { width: cells, painter } = canvas
    const name = Math.max(6, Math.min(14, Math.floor(cells * 0.14)))
    const type = Math.max(12, Math.min(22, Math.floor(cells * 0.31)))
    return painter.row(
      cells,
      [
        ['title-focus', cursor ? '▸' : ' '],
        ['faint', `${timeOfDay(event.at)} `],
        ['agent', `${fit(plain(event.subject === '' ? event.actor : event.subject), name)} `],
        [eventRole(event), `${fit(event.type, type)} `],
        ['text', eventText(event)],
      ],
      rowBackground(marks),
    )
  })
}

/** The number of events in the last minute. */
export function perMinute(events: readonly DeckEvent[], now: number): number {
  let n = 0
  for (let i = events.length - 1; i >= 0 && (events[i] as DeckEvent).at > now - 60_000; i--) n++
  return n
}
