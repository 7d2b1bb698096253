import { Fault } from '../../base/fault.ts'
import type { Corrections } from '../corrections.ts'
import { JsonError, readJson, writeJson, type Json, type JsonObject } from './json.ts'
import {
  EVENT_FIELDS,
  PLAYBOOK_FIELDS,
  RULE_FIELDS,
  fallbackOf,
  recordJson,
  type RecordField,
} from './records.ts'
import { Float } from '../text.ts'
import type { Carried, Playbook, PolicyEvent, Rule } from '../types.ts'

/** What was read, by key and in order, and what is to be said about it. */
export interface ParsedRecords<T> {
  records: Map<string, T>
  notes: string[]
}

/** A log, line by line; a line that holds no event is undefined, since it counts in windows. */
export interface ParsedLog {
  lines: (PolicyEvent | undefined)[]
  notes: string[]
}

/** The text of `rules.json`. Throws Fault `policies.invalid` with the place. */
export function readRules(text: string, corrections: Corrections): ParsedRecords<Rule> {
  return readFile<Rule>('rules.json', text, RULE_FIELDS, corrections)
}

/** The text of `playbooks.json`; `genes_used` of the oldest files fills an empty `rules_used`. */
export function readPlaybooks(text: string, corrections: Corrections): ParsedRecords<Playbook> {
  return readFile<Playbook>('playbooks.json', text, PLAYBOOK_FIELDS, corrections, withoutGenes)
}

/** The text of `policy_events.jsonl`. Lines that cannot be read are said, never thrown. */
export function readEvents(text: string, corrections: Corrections): ParsedLog {
  const notes: string[] = []
  const lines = text.split(
    corrections['lines-end-with-lf'] ? '\n' : /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/u,
  )
  if (lines.at(-1) === '') lines.pop()
  const events = lines.map((line, i) => {
    try {
      return readRecord<PolicyEvent>(
        readJson(line),
        `line ${i + 1}`,
        EVENT_FIELDS,
        corrections,
        notes,
      )
    } catch (thrown) {
      if (!(thrown instanceof Fault) && !(thrown instanceof JsonError)) throw thrown
      if (line.trim() !== '')
        notes.push(`policy_events.jsonl line ${i + 1} was left out: ${thrown.message}`)
      return undefined
    }
  })
  return { lines: events, notes }
}

export function writeRules(rules: ReadonlyMap<string, Rule>): string {
  return writeFile(rules, RULE_FIELDS)
}
export function writePlaybooks(playbooks: ReadonlyMap<string, Playbook>): string {
  return writeFile(playbooks, PLAYBOOK_FIELDS)
}

/** An event as a line, with its line feed. */
export function writeEvent(event: PolicyEvent): string {
  return `${writeJson(recordJson(event, EVENT_FIELDS))}\n`
}

/** Records as the original can read them, which refuses keys that it does not know. */
export function withoutExtras<T extends Carried>(records: ReadonlyMap<string, T>): Map<string, T> {
  return new Map(
    [...records].map(([key, record]) => {
      const { extra: _, ...known } = record
      return [key, known as T]
    }),
  )
}

function writeFile(
  records: ReadonlyMap<string, object & Carried>,
  fields: Record<string, RecordField>,
): string {
  return writeJson(
    new Map([...records].map(([key, record]) => [key, recordJson(record, fields)])),
    { indent: 2 },
  )
}

function readFile<T>(
  name: string,
  text: string,
  fields: Record<string, RecordField>,
  corrections: Corrections,
  before = (record: JsonObject) => record,
): ParsedRecords<T> {
  const notes: string[] = []
  const top = parsed(name, text, corrections, notes)
  if (isFalsy(top)) return { records: new Map(), notes }
  if (!(top instanceof Map)) throw invalid(name, 'it holds no object')
  const records = new Map<string, T>()
  for (const [key, value] of top) {
    const place = `${name}: ${key}`
    records.set(
      key,
      readRecord<T>(
        value instanceof Map ? before(value) : value,
        place,
        fields,
        corrections,
        notes,
      ),
    )
  }
  return { records, notes }
}

function parsed(name: string, text: string, corrections: Corrections, notes: string[]): Json {
  try {
    return readJson(text)
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
    const before = text.slice(0, thrown.at).split('\n')
    const why = `${thrown.message}, line ${before.length} column ${(before.at(-1) as string).length + 1}`
    if (corrections['corruption-refused']) throw invalid(name, why)
    notes.push(`Failed to load ${name}: ${why}`)
    return null
  }
}

function isFalsy(value: Json): boolean {
  if (value instanceof Float) return value.value === 0
  return Array.isArray(value)
    ? value.length === 0
    : value === null || value === false || value === '' || value === 0
}

function readRecord<T>(
  value: Json,
  place: string,
  fields: Record<string, RecordField>,
  corrections: Corrections,
  notes: string[],
): T {
  if (!(value instanceof Map)) throw invalid(place, 'it is no object')
  const record: Record<string, unknown> = {}
  let kinds: Record<string, 'int' | 'float'> | undefined
  let known = 0
  for (const name in fields) {
    const field = fields[name] as RecordField
    const given = value.get(name)
    if (given !== undefined) known++
    record[name] = readField(given, field, { place, name }, corrections)
    const kind = kindOf(given)
    if (kind !== undefined && kind !== field.kind) kinds = { ...kinds, [name]: kind }
  }
  if (value.size > known) record['extra'] = unknownKeys(value, place, fields, corrections, notes)
  if (kinds !== undefined) record['kinds'] = kinds
  return record as T
}

function unknownKeys(
  value: JsonObject,
  place: string,
  fields: Record<string, RecordField>,
  corrections: Corrections,
  notes: string[],
): JsonObject {
  const extra = new Map([...value].filter(([name]) => !Object.hasOwn(fields, name)))
  const names = [...extra.keys()].map((name) => JSON.stringify(name)).join(', ')
  if (!corrections['unknown-keys-kept'])
    throw invalid(place, `it has keys that are not known: ${names}`)
  notes.push(`${place} has keys that are not known, kept as they are: ${names}`)
  return extra
}

function kindOf(value: Json | undefined): 'int' | 'float' | undefined {
  return value instanceof Float ? 'float' : typeof value === 'number' ? 'int' : undefined
}

/** Where a field stands: put into words only if something is wrong with it. */
interface At {
  place: string
  name: string
}

function readField(
  value: Json | undefined,
  field: RecordField,
  at: At,
  corrections: Corrections,
): unknown {
  if (field.kind === 'fixed') return field.text
  if (field.kind === 'text') return readText(value, field, at, corrections)
  if (value === undefined) return fallbackOf(field)
  if (field.kind === 'texts') {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw wrong(at, 'it should be a list of texts')
    return value
  }
  if (field.kind === 'object') {
    if (!(value instanceof Map)) throw wrong(at, 'it should be an object')
    return value
  }
  const number = value instanceof Float ? value.value : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw wrong(at, 'it should be a number')
  return number
}

function readText(
  value: Json | undefined,
  field: RecordField & { kind: 'text' },
  at: At,
  corrections: Corrections,
): string {
  if (value === undefined && field.required === true) throw wrong(at, 'it is missing')
  if (field.oneOf !== undefined && !(typeof value === 'string' && field.oneOf.includes(value))) {
    if (value !== undefined && corrections['enums-checked'])
      throw wrong(
        at,
        `it should be one of ${field.oneOf.map((one) => JSON.stringify(one)).join(', ')}`,
      )
    return field.fallback
  }
  if (value === undefined) return field.fallback
  if (typeof value !== 'string') throw wrong(at, 'it should be a text')
  return value
}

function wrong({ place, name }: At, why: string): Fault {
  return invalid(`${place}.${name}`, why)
}

function withoutGenes(record: JsonObject): JsonObject {
  const genes = record.get('genes_used')
  if (genes === undefined) return record
  const made = new Map(record)
  made.delete('genes_used')
  const used = made.get('rules_used')
  if (used === undefined || isFalsy(used)) made.set('rules_used', genes)
  return made
}

function invalid(place: string, why: string): Fault {
  return new Fault('policies.invalid', `${place}: ${why}`, {
    hint: 'Mend the file, or restore it from a copy; nothing was changed.',
  })
}
