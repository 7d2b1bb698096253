import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'

/**
 * Canonical JSON (RFC 8785): the same text for the same value, in whatever order its keys were
 * written. Throws a TypeError for a value that JSON cannot express.
 */
export function canonical(value: unknown): string {
  const text = plainJson(value, 0) ?? canonicalize(value)
  if (text === undefined) throw new TypeError('this value has no JSON form')
  return text
}

/** What nests deeper is left to the library, as is whatever is not plain data. */
const MOST_DEPTH = 64
/** Text that JSON writes as it is. */
const UNESCAPED = /^[ !#-[\]-~]*$/

/** The same for plain data, a third of the cost: every event of the journal is written so. */
function plainJson(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return plainText(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value !== 'object' || depth >= MOST_DEPTH) return undefined
  return Array.isArray(value) ? plainList(value, depth + 1) : plainObject(value, depth + 1)
}

function plainText(text: string): string | undefined {
  if (UNESCAPED.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : undefined
}

function plainList(list: readonly unknown[], depth: number): string | undefined {
  let text = ''
  for (let i = 0; i < list.length; i++) {
    const each = plainJson(list[i], depth)
    if (each === undefined) return undefined
    text += i === 0 ? each : `,${each}`
  }
  return `[${text}]`
}

function plainObject(object: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return undefined
  const fields = object as Readonly<Record<string, unknown>>
  if (typeof fields['toJSON'] === 'function') return undefined
  let text = ''
  for (const key of Object.keys(fields).sort()) {
    const value = fields[key]
    if (value === undefined) continue
    const name = plainText(key)
    const each = plainJson(value, depth)
    if (name === undefined || each === undefined) return undefined
    text += text === '' ? `${name}:${each}` : `,${name}:${each}`
  }
  return `{${text}}`
}

/** SHA-256 of UTF-8 text or bytes, as 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}
