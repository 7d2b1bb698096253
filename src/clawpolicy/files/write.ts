import type { Carried, Playbook, PolicyEvent, Rule } from '../types.ts'
import { writeJson } from './json.ts'
import {
  EVENT_FIELDS,
  PLAYBOOK_FIELDS,
  RULE_FIELDS,
  recordJson,
  type RecordField,
} from './records.ts'

/** The text of `rules.json`: by key, in order. */
export function writeRules(rules: ReadonlyMap<string, Rule>): string {
  return writeRecords(rules, RULE_FIELDS)
}

/** The text of `playbooks.json`: by key, in order. */
export function writePlaybooks(playbooks: ReadonlyMap<string, Playbook>): string {
  return writeRecords(playbooks, PLAYBOOK_FIELDS)
}

/** An event as a line of `policy_events.jsonl`, with its line feed. */
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

function writeRecords(
  records: ReadonlyMap<string, object & Carried>,
  fields: Record<string, RecordField>,
): string {
  const entries = [...records].map(([key, record]) => [key, recordJson(record, fields)] as const)
  return writeJson(new Map(entries), { indent: 2 })
}
