import { plain } from '../../../base/text.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { eventText } from '../../text/events.ts'
import type { Role } from '../theme/theme.ts'
import { fit } from '../text/width.ts'
import { memo, type Canvas } from './frame.ts'

const BAD = /refused|failed|denied|drifted|expired|exited/
const GOOD = /started|relocked|initialised|granted|^rule\.confirmed/
const ASKS = /^approval\.|^rule\.suspended|lagged/

export function eventRole(event: DeckEvent): Role {
  if (BAD.test(event.type)) return 'bad'
  if (GOOD.test(event.type)) return 'good'
  return ASKS.test(event.type) ? 'warn' : 'event'
}

let zone = -1
let day = 0
let offset = 0

/** The local time of day. The offset is looked up once per quarter of an hour, which is as often as it can change. */
export function timeOfDay(at: number): string {
  const quarter = Math.floor(at / 900_000)
  if (quarter !== zone) {
    zone = quarter
    offset = new Date(at).getTimezoneOffset() * 60_000
  }
  day = (at - offset) % 86_400_000
  const s = Math.floor(((day + 86_400_000) % 86_400_000) / 1000)
  const two = (n: number): string => (n < 10 ? `0${n}` : String(n))
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

/** The line of one event. */
export function eventLine(
  canvas: Canvas,
  event: DeckEvent,
  cursor: boolean,
  focused: boolean,
): string {
  return memo(
    event,
    `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${cursor}${focused}`,
    () => {
      const name = Math.max(6, Math.min(14, Math.floor(canvas.width * 0.14)))
      const type = Math.max(12, Math.min(22, Math.floor(canvas.width * 0.31)))
      const failed =
        event.type === 'approval.decided' && (event.body as { state?: string }).state === 'denied'
      return canvas.painter.row(
        canvas.width,
        [
          ['title-focus', cursor ? '▸' : ' '],
          ['faint', `${timeOfDay(event.at)} `],
          ['agent', `${fit(plain(event.subject === '' ? event.actor : event.subject), name)} `],
          [failed ? 'bad' : eventRole(event), `${fit(event.type, type)} `],
          ['text', eventText(event)],
        ],
        cursor ? (focused ? 'cursor' : 'cursor-idle') : undefined,
      )
    },
  )
}

/** Events in the last minute. */
export function perMinute(events: readonly DeckEvent[], now: number): number {
  let n = 0
  for (let i = events.length - 1; i >= 0 && (events[i] as DeckEvent).at > now - 60_000; i--) n++
  return n
}
