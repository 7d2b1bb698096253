import { invalidArgument } from './errors.ts'
import type { ClientIdentity, JsonRecord, RouteShape } from './route.ts'

/** A request before it has a host. */
export interface CallRequest {
  readonly method: string
  /** With the query; all values escaped. */
  readonly path: string
  readonly body: JsonRecord | undefined
}

/** A field that may be given by position. */
interface Position {
  readonly field: string
  readonly kind: string
  readonly needed: boolean
}

/**
 * What a call puts on the wire. Throws `INVALID_ARGUMENT` for what is missing, of a wrong kind or
 * unusable.
 */
export function requestOf(
  name: string,
  route: RouteShape,
  args: readonly unknown[],
  caller: ClientIdentity,
): CallRequest {
  const given = fieldsOf(name, route, args)
  const fields: JsonRecord = { ...route.fill?.(caller), ...given, ...route.fixed }
  const [method = '', pattern = ''] = route.call.split(' ')
  const inPath = inPathOf(pattern)
  const path = pattern.replace(/:(\w+)/g, (_, field: string) => escaped(name, field, fields[field]))
  const rest = Object.entries(fields).filter(
    ([field, value]) => !inPath.includes(field) && isGiven(value),
  )
  const readOnly = method === 'GET' || method === 'DELETE'
  const inQuery = (field: string): boolean => readOnly || route.query?.includes(field) === true
  const query = queryOf(
    name,
    rest.filter(([field]) => inQuery(field)),
  )
  return {
    method,
    path: `/api/${path}${query === '' ? '' : `?${query}`}`,
    body:
      readOnly || route.bodyless === true
        ? undefined
        : Object.fromEntries(rest.filter(([field]) => !inQuery(field))),
  }
}

/** The fields of a call by their names on the wire, from arguments by position and by name. */
function fieldsOf(name: string, route: RouteShape, args: readonly unknown[]): JsonRecord {
  const fields: JsonRecord = {}
  const positions = positionsOf(route)
  let next = 0
  for (const value of args) {
    const position = positions[next++]
    if (position === undefined || isByName(position, value)) {
      // What is left can only come by name.
      next = positions.length
      if (isGiven(value)) Object.assign(fields, namedFields(name, route, value))
    } else if (isGiven(value)) fields[position.field] = value
  }
  for (const position of positions) check(name, position, fields[position.field])
  const odd = Object.entries(fields).find(([, value]) => isUnsendable(value))
  if (odd !== undefined) throw invalidArgument(`${name}: ${odd[0]} cannot be sent as it is`)
  return fields
}

/**
 * An object is a list of fields, unless the position holds objects; even then if it names that
 * position.
 */
function isByName({ field, kind }: Position, value: unknown): boolean {
  return isRecord(value) && (kind !== 'object' || field in value)
}

/** First what the path names, then the signature. */
function positionsOf({ call, signature = '' }: RouteShape): Position[] {
  const ids = inPathOf(call).map((field) => ({ field, kind: 'id', needed: true }))
  const others = Array.from(signature.matchAll(/([^\s:?]+):?([^\s?]*)(\??)/g), (match) => ({
    field: match[1] as string,
    kind: match[2] || 'text',
    needed: match[3] === '',
  }))
  return [...ids, ...others]
}

function inPathOf(pattern: string): string[] {
  return Array.from(pattern.matchAll(/:(\w+)/g), (match) => match[1] as string)
}

/** Names as on the wire win over others for the same field; null equals absent. */
function namedFields(name: string, route: RouteShape, value: unknown): JsonRecord {
  if (!isRecord(value)) throw invalidArgument(`${name}: expected an object with fields`)
  const fields: JsonRecord = {}
  for (const [key, entry] of Object.entries(value)) {
    const field = onWire(route, key)
    if (isGiven(entry) && (field === key || !isGiven(value[field]))) fields[field] = entry
  }
  return fields
}

function onWire({ also, camel }: RouteShape, key: string): string {
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const field = also?.[snake] ?? snake
  return camel === true
    ? field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : field
}

/** What a position may hold; a kind that is none of these lists the allowed words. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: (value) => typeof value === 'string' || Number.isSafeInteger(value),
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  texts: (value) => isList(value) && value.every((item) => typeof item === 'string'),
  list: isList,
  object: isRecord,
  any: () => true,
}

function check(name: string, { field, kind, needed }: Position, value: unknown): void {
  if (needed && (!isGiven(value) || value === ''))
    throw invalidArgument(`${name}: ${field} is required`)
  const fits = KINDS[kind] ?? ((word) => kind.split('/').includes(word as string))
  if (isGiven(value) && !fits(value))
    throw invalidArgument(`${name}: ${field} has to be of this kind: ${kind}`)
}

/**
 * One segment of a path. What the server or the URL itself would read as another address is
 * refused.
 */
function escaped(name: string, field: string, value: unknown): string {
  const text = String(value)
  if (!isGiven(value) || ['', '.', '..', 'undefined', 'null'].includes(text))
    throw invalidArgument(`${name}: ${field} is not an id: ${JSON.stringify(text)}`)
  return encoded(name, field, text)
}

/** `encodeURIComponent`, with an error of this library for text that is not Unicode. */
export function encoded(name: string, field: string, text: string): string {
  try {
    return encodeURIComponent(text)
  } catch (cause) {
    throw Object.assign(invalidArgument(`${name}: ${field} is not valid Unicode`), { cause })
  }
}

function queryOf(name: string, entries: readonly [string, unknown][]): string {
  const query = new URLSearchParams()
  for (const [field, value] of entries) {
    if (typeof value === 'object' && !KINDS['texts']?.(value))
      throw invalidArgument(`${name}: ${field} cannot be part of an address`)
    const text = isList(value) ? value.join(',') : String(value)
    if (text !== '') query.set(field, text)
  }
  return query.toString()
}

/** JSON would send nothing for these, or `null` for a number that is none. */
function isUnsendable(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return ['function', 'symbol', 'bigint'].includes(typeof value)
}

/** Null equals absent. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
