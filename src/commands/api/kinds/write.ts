import { Fault } from '../../../base/fault.ts'
import { apiAgentName } from '../../../domain/governance/agents/rules.ts'
import type { RecordAuthor, RecordChanges } from '../../../domain/governance/records/service.ts'
import type { RecordData } from '../../../domain/governance/records/types.ts'
import { requireNo, required } from '../../../domain/governance/refusals.ts'
import { redactDeep } from '../../../domain/governance/scanning/secrets.ts'
import type { SecuritySummary } from '../../../domain/governance/scanning/types.ts'
import type { ApiCaller } from '../endpoint.ts'
import type { ApiServices } from '../services.ts'
import type { RecordKind, Told } from './kind.ts'

/** A record that was written, and what was taken out of it. */
interface WrittenRecord {
  row: RecordData
  security: SecuritySummary | undefined
}

/** Who writes records of an agent. */
export function recordAuthorOf({ actor, tenant }: ApiCaller, agentId: unknown): RecordAuthor {
  const { org, slug } = tenant
  const subject = typeof agentId === 'string' ? apiAgentName(slug, agentId) : ''
  return { org, actor, subject }
}

/**
 * Writes a record that was told: a new one, or a document again. Faults: `not.found` without its
 * parent, `name.taken`, and those of its kind.
 */
export async function writeRecord(
  { records }: ApiServices,
  kind: RecordKind,
  { told, caller }: { told: Told; caller: ApiCaller },
): Promise<WrittenRecord> {
  const names = kind.shape()
  const { value, security } =
    kind.scanned === true ? redactDeep(told) : { value: told, security: undefined }
  const author = recordAuthorOf(caller, value['agent_id'])
  const row = await records.write(author, (changes) =>
    put(kind, changes, { told: value, org: author.org, names: Object.keys(names) }),
  )
  return { row, security }
}

function put(
  kind: RecordKind,
  changes: RecordChanges,
  { told, org, names }: { told: Told; org: string; names: readonly string[] },
): RecordData {
  const id = kind.id(told, changes)
  const key = String(id)
  const before = kind.again === undefined ? undefined : changes.get(kind.kind, key)
  if (before !== undefined && kind.again !== undefined)
    return changeRecord(kind, changes, { key, before, change: kind.again(before, told, changes) })
  joinParent(kind, changes, told)
  const row: RecordData = {
    id,
    ...(kind.idField === undefined ? {} : { [kind.idField]: id }),
    org_id: org,
    ...(kind.within === undefined ? {} : { [kind.within.field]: told[kind.within.field] }),
    ...Object.fromEntries(names.map((name) => [name, null])),
    ...kind.defaults,
    ...told,
    ...kind.made?.(told, changes),
    created_at: changes.now,
    updated_at: changes.now,
  }
  claim(kind, changes, row)
  changes.make(kind.kind, key, row)
  return row
}

/** Writes what changes of a record. Answers it as it is then. */
export function changeRecord(
  kind: RecordKind,
  changes: RecordChanges,
  { key, before, change }: { key: string; before: RecordData; change: object },
): RecordData {
  const row: RecordData = { ...before, ...change, updated_at: changes.now }
  const { unique } = kind
  if (unique !== undefined && row[unique] !== before[unique]) {
    claim(kind, changes, row)
    unclaim(kind, changes, before)
  }
  changes.change(kind.kind, key, { ...change, updated_at: changes.now })
  return row
}

function joinParent({ within }: RecordKind, changes: RecordChanges, told: Told): void {
  if (within === undefined) return
  const { kind, field, called, whyNot, changed } = within
  const key = String(told[field])
  const parent = required(changes.get<RecordData>(kind, key), `${called} ${key}`)
  requireNo(whyNot?.(parent))
  if (changed !== undefined) changes.change(kind, key, changed(parent))
}

const CLAIM = 'claim'

/** Which record has a value that only one may have. */
export function claimKey({ kind, unique = '' }: RecordKind, value: unknown): string {
  return `${kind}.${unique}/${String(value)}`
}

/** The id of the record that has such a value. */
export function claimant(
  { records }: ApiServices,
  org: string,
  { kind, value }: { kind: RecordKind; value: unknown },
): string | undefined {
  return records.get<{ id: string }>(org, CLAIM, claimKey(kind, value))?.id
}

function claim(kind: RecordKind, changes: RecordChanges, row: RecordData): void {
  if (kind.unique === undefined) return
  const value = row[kind.unique]
  const key = claimKey(kind, value)
  if (changes.get(CLAIM, key) !== undefined)
    throw new Fault('name.taken', `another ${kind.one} has the ${kind.unique} ${String(value)}`, {
      hint: `Give another ${kind.unique}.`,
    })
  changes.make(CLAIM, key, { id: row['id'] })
}

/** Frees the value that only this record might have. */
export function unclaim(kind: RecordKind, changes: RecordChanges, row: RecordData): void {
  if (kind.unique !== undefined) changes.remove(CLAIM, claimKey(kind, row[kind.unique]))
}
