/**
 * Makes untrusted text safe for any terminal: control and escape characters, bidirectional controls
 * and lone surrogates become visible marks, and the length is bounded.
 */
export function plain(text: string, max = 4096): string {
  const bounded = text.length > max ? `${text.slice(0, max)}…` : text
  return bounded.toWellFormed().replace(UNSAFE, mark)
}

const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu

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
