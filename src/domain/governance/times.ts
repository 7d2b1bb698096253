export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A time as the wire shows it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}

/** Milliseconds since a time. What is no time, or lies ahead, was just now. */
export function sinceTime(at: string | null, now: number): number {
  const then = Date.parse(at ?? '')
  return Number.isNaN(then) ? 0 : Math.max(0, now - then)
}

/** The UTC date of a time, `YYYY-MM-DD`. */
export function utcDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
