import { plain } from '../../../base/text.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { eventText } from '../../text/events.ts'
import type { Paint } from '../terminal.ts'

/** A line of the audit: time, sequence number, subject, type, description and actor. */
export function auditLine(event: DeckEvent, paint: Paint): string {
  const actor =
    event.actor === 'supervisor' || event.actor === `agent:${event.subject}`
      ? ''
      : paint('dim', `  by ${plain(event.actor, 64)}`)
  const columns = [
    paint('dim', `${timeOf(event.at)} ${String(event.seq).padStart(6)}`),
    plain(event.subject, 32).padEnd(12),
    plain(event.type, 40).padEnd(22),
    `${eventText(event)}${actor}`,
  ]
  return columns.join('  ').trimEnd()
}

/** `2026-01-31 12:04:31`, in local time. */
export function timeOf(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return '????-??-?? ??:??:??'
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day} ${time}`
}
