import { computeAssetId } from './hash.ts'
import type { Json, JsonObject } from './json.ts'
import { Float, fixed2 } from '../text.ts'
import {
  DECISIONS,
  SCOPES,
  STATUSES,
  type Carried,
  type Playbook,
  type PolicyEvent,
  type Rule,
} from '../types.ts'

/**
 * The type of a field and its default. `required` has no default; `fixed` is the same in every
 * record.
 */
export type RecordField =
  | { kind: 'text'; fallback: string; oneOf?: readonly string[]; required?: true }
  | { kind: 'texts' | 'object' }
  | { kind: 'int' | 'float' }
  | { kind: 'fixed'; text: string }

const text = (fallback = '', oneOf?: readonly string[]): RecordField => ({
  kind: 'text',
  fallback,
  ...(oneOf === undefined ? {} : { oneOf }),
})
const required: RecordField = { kind: 'text', fallback: '', required: true }
const texts: RecordField = { kind: 'texts' }
const int: RecordField = { kind: 'int' }
const float: RecordField = { kind: 'float' }
const fixed = (name: string): RecordField => ({ kind: 'fixed', text: name })

/** A rule's fields, in the order of the files. */
export const RULE_FIELDS: Record<Exclude<keyof Rule, keyof Carried>, RecordField> = {
  id: required,
  type: fixed('Rule'),
  summary: text(),
  category: text('innovate'),
  trigger: texts,
  strategy: text(),
  preconditions: texts,
  postconditions: texts,
  validation: texts,
  confidence: float,
  success_streak: int,
  status: text('hint', STATUSES),
  scope: text('global', SCOPES),
  scope_key: text(),
  evidence_count: int,
  source_type: text('legacy'),
  last_seen_at: text(),
  last_applied_at: text(),
  policy_decision: text('', DECISIONS),
  risk_level: text(),
  failure_streak: int,
  override_streak: int,
  rollback_count: int,
  accepted_auto_execute_count: int,
  accepted_confirmation_count: int,
  conflict_count: int,
  suspension_reason: text(),
  last_lifecycle_event_at: text(),
  asset_id: text(),
}

export const PLAYBOOK_FIELDS: Record<Exclude<keyof Playbook, keyof Carried>, RecordField> = {
  id: required,
  type: fixed('Playbook'),
  summary: text(),
  rules_used: texts,
  trigger: texts,
  category: text('innovate'),
  confidence: float,
  asset_id: text(),
}

export const EVENT_FIELDS: Record<Exclude<keyof PolicyEvent, keyof Carried>, RecordField> = {
  timestamp: required,
  event_type: required,
  asset_id: required,
  type: fixed('PolicyEvent'),
  trigger_signals: texts,
  rl_reward: float,
  changes: text(),
  source_node_id: text(),
  payload: { kind: 'object' },
}

/** The default of a field. */
export function fallbackOf(field: RecordField): unknown {
  switch (field.kind) {
    case 'text':
      return field.fallback
    case 'fixed':
      return field.text
    case 'texts':
      return []
    case 'object':
      return new Map()
    default:
      return 0
  }
}

/** A rule with these fields, the rest as by default, and its hash. */
export function newRule(fields: Partial<Rule> & { id: string }): Rule {
  return rehashed(unhashedRule(fields))
}

/** The same without its hash: for a caller that goes on to change it. */
export function unhashedRule(fields: Partial<Rule> & { id: string }): Rule {
  return filled<Rule>(RULE_FIELDS, fields)
}

export function newPlaybook(fields: Partial<Playbook> & { id: string }): Playbook {
  return hashed(filled<Playbook>(PLAYBOOK_FIELDS, fields), PLAYBOOK_FIELDS)
}

export function newEvent(
  fields: Partial<PolicyEvent> & Pick<PolicyEvent, 'timestamp' | 'event_type'>,
): PolicyEvent {
  return filled<PolicyEvent>(EVENT_FIELDS, { asset_id: '', ...fields })
}

function filled<T extends object>(fields: Record<string, RecordField>, given: Partial<T>): T {
  return {
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fallbackOf(field)])),
    ...given,
  } as T
}

/** A rule with changed fields. Its hash stays: callers that change its content call `rehashed`. */
export function revised(rule: Rule, changes: Partial<Rule>): Rule {
  const next = { ...rule, ...changes }
  if (rule.kinds === undefined) return next
  // Arithmetic turns a confidence into a float; a counter keeps its kind, except when it is reset
  // to zero.
  const stays = ([name]: [string, unknown]) =>
    !(name in changes) || (name !== 'confidence' && changes[name as keyof Rule] !== 0)
  return { ...next, kinds: Object.fromEntries(Object.entries(rule.kinds).filter(stays)) }
}

export function rehashed(rule: Rule): Rule {
  return hashed(rule, RULE_FIELDS)
}

/**
 * The hash covers the fields, not unknown keys: a program that does not know those computes the
 * same.
 */
function hashed<T extends Carried & { asset_id: string }>(
  record: T,
  fields: Record<string, RecordField>,
): T {
  return { ...record, asset_id: computeAssetId(fieldsJson(record, fields)) }
}

/** A record as JSON: its fields in their order, then its unknown keys. */
export function recordJson(
  record: object & Carried,
  fields: Record<string, RecordField>,
): JsonObject {
  const made = fieldsJson(record, fields)
  for (const [name, value] of record.extra ?? []) if (!made.has(name)) made.set(name, value)
  return made
}

function fieldsJson(record: object & Carried, fields: Record<string, RecordField>): JsonObject {
  return new Map(
    Object.entries(fields).map(([name, field]) => [
      name,
      fieldJson((record as Record<string, unknown>)[name], field, record.kinds?.[name]),
    ]),
  )
}

function fieldJson(value: unknown, field: RecordField, kind: 'int' | 'float' | undefined): Json {
  if (field.kind !== 'int' && field.kind !== 'float')
    return field.kind === 'texts' ? [...(value as string[])] : (value as Json)
  return (kind ?? field.kind) === 'float' ? new Float(value as number) : (value as number)
}

/** The names of a rule's numbers. */
type NumberField = {
  [Name in keyof typeof RULE_FIELDS]: Rule[Name] extends number ? Name : never
}[keyof typeof RULE_FIELDS]

/** A number of a rule as it is written: of the other kind than usual if it was read so. */
export function numberValue(rule: Rule, name: NumberField): Json {
  return fieldJson(rule[name], RULE_FIELDS[name], rule.kinds?.[name])
}

/** `[<id>] <summary> (confidence: 0.90)` */
export function showRule(rule: Rule): string {
  return `[${rule.id}] ${rule.summary} (confidence: ${fixed2(rule.confidence)})`
}

/** `[<id>] <summary> (2 rules, confidence: 0.90)` */
export function showPlaybook({ id, summary, rules_used, confidence }: Playbook): string {
  return `[${id}] ${summary} (${rules_used.length} rules, confidence: ${fixed2(confidence)})`
}

/** One line of a listing of events. */
export function showEvent({
  timestamp,
  event_type,
  changes,
  rl_reward,
  payload,
}: PolicyEvent): string {
  const id = payload.get('decision_id')
  if (typeof id === 'string' && id !== '') {
    const decision = String(payload.get('final_decision') ?? 'unknown')
    return `[${timestamp}] ${event_type}: ${decision} (${id})`
  }
  return `[${timestamp}] ${event_type}: ${changes} (reward: ${fixed2(rl_reward)})`
}
