import { DeckClientError } from './errors.ts'

/**
 * JSON as it is signed: keys sorted at every depth, no spaces, text beyond ASCII as it is, nulls
 * kept, what is undefined left out. The bytes are equal on both sides whatever order an object was
 * built in.
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item ?? null)).join(',')}]`
  if (typeof value === 'object' && value !== null) return canonicalObject(plain(value))
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw unsignable(`the number ${value}`)
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw unsignable(`a ${typeof value}`)
  return text
}

function canonicalObject(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return canonicalText(value)
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, entry]) => `${quoted(key)}:${canonicalText(entry)}`).join(',')}}`
}

/** What JSON would make of an object: a date is a text. */
function plain(value: object): unknown {
  const own = value as { toJSON?: () => unknown }
  return typeof own.toJSON === 'function' ? own.toJSON() : value
}

/** Half of a surrogate pair has no bytes in UTF-8, so both sides could not mean the same. */
function quoted(text: string): string {
  if (!text.isWellFormed()) throw unsignable('text that is not valid Unicode')
  return JSON.stringify(text)
}

function unsignable(what: string): DeckClientError {
  return new DeckClientError(`An action with ${what} cannot be signed`, { code: 'SIGNING_FAILED' })
}
