import { Fault } from '../../base/fault.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { ANY_LINE_BREAK } from '../markdown/scan.ts'
import { MARKDOWN_FILES, SECTIONS } from '../markdown/sections.ts'
import { Float } from '../text.ts'
import type { Playbook, PolicyEvent, Rule } from '../types.ts'
import { JsonError, readJson, type Json, type JsonObject } from './json.ts'
import { RecordReader, invalidFile } from './read-record.ts'
import { EVENT_FIELDS, PLAYBOOK_FIELDS, RULE_FIELDS, rehashed, revised } from './records.ts'

/** What was read, by key and in order, and notes for the caller. */
export interface ParsedRecords<T> {
  records: Map<string, T>
  notes: string[]
}

/** A log, line by line; a line that holds no event is undefined, since it counts in windows. */
interface ParsedLog {
  lines: (PolicyEvent | undefined)[]
  notes: string[]
}

/** Reads the texts of the policy files. */
export class PolicyFileReader {
  readonly #corrections: Corrections

  constructor(corrections: Corrections = CORRECTED) {
    this.#corrections = corrections
  }

  /** The text of `rules.json`. Throws Fault `policies.invalid` with the place. */
  readRules(text: string): ParsedRecords<Rule> {
    return this.#records('rules.json', text, new RecordReader(RULE_FIELDS, this.#corrections))
  }

  /**
   * The text of `playbooks.json`; `genes_used` of the oldest files fills an empty `rules_used`.
   * Throws as `readRules`.
   */
  readPlaybooks(text: string): ParsedRecords<Playbook> {
    const reader = new RecordReader(PLAYBOOK_FIELDS, this.#corrections)
    return this.#records('playbooks.json', text, reader, withoutGenes)
  }

  /** The text of `policy_events.jsonl`. Lines that cannot be read are noted and left out. */
  readEvents(text: string): ParsedLog {
    const reader = new RecordReader(EVENT_FIELDS, this.#corrections)
    const lines = text.split(this.#corrections['lines-end-with-lf'] ? '\n' : ANY_LINE_BREAK)
    if (lines.at(-1) === '') lines.pop()
    const events = lines.map((line, i) => {
      try {
        return reader.read<PolicyEvent>(readJson(line), `line ${i + 1}`)
      } catch (thrown) {
        if (!(thrown instanceof Fault) && !(thrown instanceof JsonError)) throw thrown
        if (line.trim() !== '')
          reader.notes.push(`policy_events.jsonl line ${i + 1} was left out: ${thrown.message}`)
        return undefined
      }
    })
    return { lines: events, notes: reader.notes }
  }

  /**
   * Rules by their ids, where that is corrected: an import of Markdown by the original stores rules
   * under another key than their id. They take their key as their id. The same map where there are
   * none.
   */
  withKeysAsIds(rules: ReadonlyMap<string, Rule>): ReadonlyMap<string, Rule> {
    const strays = [...rules].filter(([key, { id }]) => isOriginalImport(key, id))
    if (!this.#corrections['keys-are-ids'] || strays.length === 0) return rules
    const made = new Map(rules)
    for (const [key, rule] of strays) made.set(key, rehashed(revised(rule, { id: key })))
    return made
  }

  #records<T>(
    name: string,
    text: string,
    reader: RecordReader,
    prepare = (record: JsonObject) => record,
  ): ParsedRecords<T> {
    const top = this.#parsed(name, text, reader.notes)
    const records = new Map<string, T>()
    if (isFalsy(top)) return { records, notes: reader.notes }
    if (!(top instanceof Map)) throw invalidFile(name, 'it holds no object')
    for (const [key, value] of top) {
      const record = value instanceof Map ? prepare(value) : value
      records.set(key, reader.read<T>(record, `${name}: ${key}`))
    }
    return { records, notes: reader.notes }
  }

  #parsed(name: string, text: string, notes: string[]): Json {
    try {
      return readJson(text)
    } catch (thrown) {
      if (!(thrown instanceof JsonError)) throw thrown
      const before = text.slice(0, thrown.at).split('\n')
      const column = (before.at(-1) as string).length + 1
      const why = `${thrown.message}, line ${before.length} column ${column}`
      if (this.#corrections['corruption-refused']) throw invalidFile(name, why)
      notes.push(`Failed to load ${name}: ${why}`)
      return null
    }
  }
}

function isFalsy(value: Json): boolean {
  if (value instanceof Float) return value.value === 0
  return Array.isArray(value)
    ? value.length === 0
    : value === null || value === false || value === '' || value === 0
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

/**
 * Whether a rule is stored as the original imports a section: under the stem of an id that ends
 * with a time.
 */
function isOriginalImport(key: string, id: string): boolean {
  if (id === key || !id.startsWith(key) || !/^_\d+$/.test(id.slice(key.length))) return false
  return MARKDOWN_FILES.some((file) => SECTIONS[file].some(({ stem }) => stem === key))
}
