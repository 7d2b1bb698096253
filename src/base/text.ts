import { UNCLEAR_WIDTH } from './unclear-width.ts'

/**
 * Makes untrusted text safe for any terminal, and shows what a person could not see otherwise:
 * control, format, bidirectional and ignorable characters, unassigned and private ones, blanks that
 * are no spaces, and what terminals count differently become visible marks. The length is bounded.
 */
export function plain(text: string, max = 4096): string {
  const bounded = text.length > max ? `${text.slice(0, max)}…` : text
  return PRINTABLE.test(bounded) ? bounded : bounded.toWellFormed().replace(UNSAFE, mark)
}

/** Whether a text holds what `plain` would mark, other than the ends of lines and tabs. */
export function hasHidden(text: string): boolean {
  return !ONE_OR_MORE_LINES.test(text) && text.replace(/[\n\t]/g, ' ').search(UNSAFE) >= 0
}

const ONE_OR_MORE_LINES = /^[ -~\n\t]*$/
const PRINTABLE = /^[ -~]*$/
const HIDDEN = String.raw`\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Me}\p{Default_Ignorable_Code_Point}`
const BLANKS = String.raw`\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000`
/** Marks upon letters, without a letter or more than three upon one. */
const PILED = String.raw`^\p{M}|(?<=\p{M}{3})\p{M}`
const UNSAFE = new RegExp(`[${HIDDEN}${BLANKS}${UNCLEAR_WIDTH}]|${PILED}`, 'gu')
const BLANK = new RegExp(`[${BLANKS}]`)

/**
 * A value as one line of JSON, with its line feed. Whatever `plain` would replace is escaped, so
 * the line is safe on a terminal and means the same to a program.
 */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(UNSAFE, escaped)}\n`
}

function escaped(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

function mark(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code === 0x0a) return '⏎'
  if (code === 0x09) return ' '
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  if (BLANK.test(char)) return '␣'
  return '�'
}

/** `1 event`, `2 events`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}

/** A duration: `4:12` (minutes and seconds) under an hour, then `2 h`, `3 d`. */
export function span(ms: number): string {
  const s = wholeSeconds(ms)
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
  return s < 86_400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} d`
}

/** When something was, in local time: `09:05:30` on the same day, else `30 Nov` or `Nov 2025`. */
export function momentText(at: number, now: number): string {
  const then = new Date(at)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return then.toTimeString().slice(0, 8)
  const [, month = '', day = '', year = ''] = then.toDateString().split(' ')
  return then.getFullYear() === today.getFullYear() ? `${day} ${month}` : `${month} ${year}`
}

/** An age in its largest unit: `12 s`, `5 min`, `2 h`, `3 d`. */
export function age(ms: number): string {
  const s = wholeSeconds(ms)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  return s < 86_400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} d`
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** A number of bytes in its largest binary unit: `212 MB`, `1.4 GB`. */
export function bytes(n: number): string {
  let value = n
  let unit = 0
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`
}

/** `5 min ago`; `–` for never. */
export function ago(at: number | null | undefined, now: number): string {
  return at === null || at === undefined ? '–' : `${age(now - at)} ago`
}
