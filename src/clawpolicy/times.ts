import type { Clock } from '../base/clock.ts'

/** Where the engine's times and ids come from. */
export interface EngineSources {
  /** Microseconds since 1970, UTC. */
  now(): number
  /** A version 4 UUID. */
  uuid(): string
}

/** Times of a clock, and random ids by default. */
export function clockSources(
  clock: Clock,
  uuid: () => string = () => crypto.randomUUID(),
): EngineSources {
  return { now: () => clock.now() * 1000, uuid }
}

/** `2026-03-07T12:00:00.123456+00:00`; without the fraction when it is zero. */
export function isoTimestamp(micros: number): string {
  const fraction = micros % 1_000_000
  const seconds = new Date((micros - fraction) / 1000).toISOString().slice(0, 19)
  return fraction === 0
    ? `${seconds}+00:00`
    : `${seconds}.${String(fraction).padStart(6, '0')}+00:00`
}

/** A time in microseconds; `naive` if its text has no offset. */
interface ParsedTime {
  micros: number
  naive: boolean
}

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:.(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(?:(Z)|([+-])(\d\d):?(\d\d)(?::?(\d\d))?)?)?$/su
/** An empty or unreadable time: before every other. */
const EARLIEST_TIME: ParsedTime = { micros: -Infinity, naive: false }

/** Parses an ISO 8601 time; other text counts as the earliest. */
export function parseTime(text: string): ParsedTime {
  const found = FORM.exec(text)
  const micros = found === null ? undefined : wallClock(found)
  if (found === null || micros === undefined) return EARLIEST_TIME
  const [zulu, sign, ...parts] = found.slice(8)
  if (zulu === undefined && sign === undefined) return { micros, naive: true }
  const [hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0))
  const offset = (hours * 3600 + minutes * 60 + seconds) * 1_000_000
  return { micros: sign === '-' ? micros + offset : micros - offset, naive: false }
}

/** Microseconds without the offset; undefined for a day or an hour that does not exist. */
function wallClock(found: RegExpExecArray): number | undefined {
  const parts = found.slice(1, 7).map((part) => part ?? '00')
  const date = new Date(`${parts.slice(0, 3).join('-')}T${parts.slice(3).join(':')}Z`)
  // A day that does not exist, such as 31 April, would become another one.
  if (
    Number.isNaN(date.getTime()) ||
    date.getUTCDate() !== Number(parts[2]) ||
    date.getUTCHours() !== Number(parts[3]) ||
    parts[0] === '0000'
  )
    return undefined
  return date.getTime() * 1000 + Number((found[7] ?? '').slice(0, 6).padEnd(6, '0'))
}
