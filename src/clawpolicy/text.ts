/**
 * Text as the format defines it, which is as Python treats it: white space (U+001C to U+001F and
 * U+0085 are space, U+FEFF is not), words, rounding (ties to even) and printed values.
 */
const SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const SPACES = new RegExp(`[${SPACE}]+`, 'gu')
const BLANK = new RegExp(`[${SPACE}]`, 'u')

/** Text that is normalized already, as most text in rules is. */
const NORMAL = /^(?:[!-@[-`{-~a-z]+(?: [!-@[-`{-~a-z]+)*)?$/

/** Lower case, runs of white space as one space, none at the ends. */
export function normalizeText(text: string): string {
  if (NORMAL.test(text)) return text
  return strip(text.toLowerCase().replace(SPACES, ' '))
}

/** Runs of white space as one space, none at the ends. */
function collapse(text: string): string {
  return strip(text.replace(SPACES, ' '))
}

export function strip(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && BLANK.test(text[from] as string)) from++
  while (to > from && BLANK.test(text[to - 1] as string)) to--
  return text.slice(from, to)
}

/** The first `max` code points. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text
  let end = 0
  for (let i = 0; i < max && end < text.length; i++)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1
  return text.slice(0, end)
}

/** White space collapsed; if longer than `max` code points, cut and ended with three dots. */
export function compact(text: string, max: number): string {
  const line = collapse(text)
  return [...line].length <= max ? line : `${truncate(line, max - 3)}...`
}

/** A pattern for a whole word, by Unicode: `rm文件` does not contain the word `rm`. */
export function wholeWord(word: string): RegExp {
  return new RegExp(
    `(?<![\\p{L}\\p{N}_])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`,
    'u',
  )
}

/**
 * A float that is written with its point even when integral. A plain number that is integral is an
 * int.
 */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A float's shortest digits that read back the same: `1.0`, `1e-05`, `1e+16`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e')
  return sign + placed(mantissa, Number(power))
}

/** A mantissa such as `1.25` and its power of ten: with an exponent below 1e-4 and from 1e16. */
function placed(mantissa: string, power: number): string {
  const digits = mantissa.replace('.', '')
  if (power < -4 || power >= 16)
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`
  return `${digits.slice(0, power + 1).padEnd(power + 1, '0')}.${digits.slice(power + 1) || '0'}`
}

/** Two decimals; an exact tie goes to the even one: 0.125 is `0.12`. */
export function fixed2(value: number): string {
  const size = Math.abs(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  // Beyond this, toFixed would write an exponent.
  if (size >= 1e21 && Number.isFinite(size)) return `${sign}${BigInt(size)}.00`
  const eighths = size * 8
  if (!Number.isInteger(eighths) || eighths % 2 === 0) return sign + size.toFixed(2)
  const below = Math.floor(size * 100)
  return sign + ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2)
}

/** A value as Python prints it: a string as it is, otherwise `None`, `True`, `1.0`, `['rm']`. */
export function pythonString(value: unknown): string {
  return typeof value === 'string' ? value : literal(value)
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value instanceof Float) return printedFloat(value.value)
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? String(BigInt(value)) : printedFloat(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const entries: Iterable<[unknown, unknown]> =
    value instanceof Map ? value.entries() : Object.entries(value)
  return `{${[...entries].map(([key, item]) => `${literal(key)}: ${literal(item)}`).join(', ')}}`
}

function printedFloat(value: number): string {
  if (Number.isFinite(value)) return floatText(value)
  if (Number.isNaN(value)) return 'nan'
  return value > 0 ? 'inf' : '-inf'
}

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu, (char) =>
    char === ' ' ? ' ' : (SHORT[char] ?? escaped(char.codePointAt(0) as number)),
  )
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark
}

function escaped(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`
}
