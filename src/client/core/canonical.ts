import { isRecord } from './arguments.ts'
import { DeckClientError } from './errors.ts'
import { jsonText } from './json.ts'

/**
 * What JSON would send of a value, as it is signed: keys sorted at every depth, no spaces, text
 * beyond ASCII as it is, nulls kept. The bytes are equal on both sides whatever order an object was
 * built in.
 */
export function canonicalText(value: unknown): string {
  return sortedText(JSON.parse(jsonText(value) ?? 'null'))
}

function sortedText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`
  if (typeof value === 'string') return quotedText(value)
  if (!isRecord(value)) return JSON.stringify(value)
  // Written out, since an object would bring keys that are numbers into another order.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, entry]) => `${quotedText(key)}:${sortedText(entry)}`).join(',')}}`
}

/** Half of a surrogate pair has no bytes in UTF-8, so both sides could not mean the same. */
function quotedText(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text)
  throw new DeckClientError('Text that is not valid Unicode cannot be signed', {
    code: 'SIGNING_FAILED',
  })
}
