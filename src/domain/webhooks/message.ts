import { canonical } from '../../base/canonical.ts'
import type { DeckEvent } from '../../journal/types.ts'

const MAX_TEXT = 500
const MAX_ITEMS = 20
const MAX_DEPTH = 4
/** Bytes of a whole message, besides its envelope. */
const MAX_BODY = 16_384
/** What is kept from the outside, by the name of its key. */
const KEPT_KEYS =
  /hash|token|secret|password|passwd|credential|spki|fingerprint|^(?:key|code|input|argv|extra)$/i

/** What stands for a secret. */
const MASK = '***'
const SECRETS: readonly [RegExp, string][] = [
  [/\b(authorization\s*[:=]\s*)(?:(?:bearer|basic|token)\s+)?[^\s'"]+/gi, `$1${MASK}`],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`],
  [
    /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)["']?\s*[:= ]\s*["']?)[^\s'"&]+/gi,
    `$1${MASK}`,
  ],
  [/(\/\/[^\s/@:]*:)[^\s/@]+(@)/g, `$1${MASK}$2`],
  [/\b(?:gh[pousr]_|github_pat_|sk-|xox[abprs]-|AKIA|glpat-|cdk_|whsec_)[\w-]{8,}/g, MASK],
]

/**
 * An event as it is sent: bounded, without what checks or proves anything, and with what looks like
 * a credential masked. Texts that are longer end with `…`.
 */
export function messageOf(event: DeckEvent, delivery: string, deck: string): string {
  const { seq, at, actor, type, subject } = event
  const body = narrowed(event.body, 0)
  const message = { delivery, deck, event: { seq, at, actor, type, subject, body } }
  const text = canonical(message)
  return text.length <= MAX_BODY
    ? text
    : canonical({ ...message, event: { ...message.event, body: { tooLong: true } } })
}

function narrowed(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shortened(masked(value.slice(0, 4 * MAX_TEXT)))
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return null
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => narrowed(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !KEPT_KEYS.test(key))
      .slice(0, 2 * MAX_ITEMS)
      .map(([key, item]) => [key.slice(0, 100), narrowed(item, depth + 1)]),
  )
}

function shortened(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`
}

/** A text in which what looks like a credential is masked. */
export function masked(text: string): string {
  return SECRETS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text)
}
