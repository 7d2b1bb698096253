import { Fault } from '../../base/fault.ts'
import type { Corrections } from '../corrections.ts'
import { Float } from '../text.ts'
import type { Json, JsonObject } from './json.ts'
import { fallbackOf, type RecordField } from './records.ts'

type NumberKind = 'int' | 'float'

/** The place of a field: put into words only when something is wrong with it. */
interface FieldPlace {
  place: string
  name: string
}

/** Turns JSON values into records, field by field, and notes what it keeps without knowing it. */
export class RecordReader {
  readonly notes: string[] = []
  readonly #fields: Record<string, RecordField>
  readonly #corrections: Corrections

  constructor(fields: Record<string, RecordField>, corrections: Corrections) {
    this.#fields = fields
    this.#corrections = corrections
  }

  /** Throws Fault `policies.invalid` with the place. */
  read<T>(value: Json, place: string): T {
    if (!(value instanceof Map)) throw invalidFile(place, 'it is no object')
    const record: Record<string, unknown> = {}
    let kinds: Record<string, NumberKind> | undefined
    let known = 0
    for (const name in this.#fields) {
      const field = this.#fields[name] as RecordField
      const given = value.get(name)
      if (given !== undefined) known++
      record[name] = this.#field(given, field, { place, name })
      const kind = numberKind(given)
      if (kind !== undefined && kind !== field.kind) kinds = { ...kinds, [name]: kind }
    }
    if (value.size > known) record['extra'] = this.#unknownKeys(value, place)
    if (kinds !== undefined) record['kinds'] = kinds
    return record as T
  }

  #unknownKeys(value: JsonObject, place: string): JsonObject {
    const extra = new Map([...value].filter(([name]) => !Object.hasOwn(this.#fields, name)))
    const names = [...extra.keys()].map((name) => JSON.stringify(name)).join(', ')
    if (!this.#corrections['unknown-keys-kept'])
      throw invalidFile(place, `it has keys that are not known: ${names}`)
    this.notes.push(`${place} has keys that are not known, kept as they are: ${names}`)
    return extra
  }

  #field(value: Json | undefined, field: RecordField, at: FieldPlace): unknown {
    if (field.kind === 'fixed') return field.text
    if (field.kind === 'text') return this.#text(value, field, at)
    if (value === undefined) return fallbackOf(field)
    if (field.kind === 'texts') {
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
        throw invalidField(at, 'it should be a list of texts')
      return value
    }
    if (field.kind === 'object') {
      if (!(value instanceof Map)) throw invalidField(at, 'it should be an object')
      return value
    }
    const number = value instanceof Float ? value.value : value
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw invalidField(at, 'it should be a number')
    return number
  }

  #text(value: Json | undefined, field: RecordField & { kind: 'text' }, at: FieldPlace): string {
    if (value === undefined && field.required === true) throw invalidField(at, 'it is missing')
    if (field.oneOf !== undefined && !(typeof value === 'string' && field.oneOf.includes(value))) {
      if (value !== undefined && this.#corrections['enums-checked']) {
        const choices = field.oneOf.map((one) => JSON.stringify(one)).join(', ')
        throw invalidField(at, `it should be one of ${choices}`)
      }
      return field.fallback
    }
    if (value === undefined) return field.fallback
    if (typeof value !== 'string') throw invalidField(at, 'it should be a text')
    return value
  }
}

function numberKind(value: Json | undefined): NumberKind | undefined {
  if (value instanceof Float) return 'float'
  return typeof value === 'number' ? 'int' : undefined
}

function invalidField({ place, name }: FieldPlace, why: string): Fault {
  return invalidFile(`${place}.${name}`, why)
}

/** The fault of a file that cannot be taken as it is. */
export function invalidFile(place: string, why: string): Fault {
  return new Fault('policies.invalid', `${place}: ${why}`, {
    hint: 'Correct the file, or restore it from a copy; nothing was changed.',
  })
}
