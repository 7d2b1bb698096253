import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import { sha256 } from '../../../base/canonical.ts'
import { rowId } from '../../../domain/governance/ids.ts'
import type { RecordChanges } from '../../../domain/governance/records/service.ts'
import type { RecordData } from '../../../domain/governance/records/types.ts'
import type { GovernanceRefusal } from '../../../domain/governance/types.ts'
import type { ApiCaller } from '../endpoint.ts'
import type { ApiServices } from '../services.ts'

/** What was told of a record, as its schema read it. */
export type Told = Readonly<Record<string, unknown>>

/**
 * A kind of record that agents tell and read. Its endpoints come from this description: see
 * `endpoints.ts`. It is one of three:
 * - A line of a log: it stays as it was told.
 * - A life: it is changed later, by fields or moves.
 * - A document: telling it again under the same name changes it (`again`).
 */
export interface RecordKind {
  /** As records and the stream name it. */
  kind: string
  /** Under what answers have one of it, and a list of it. */
  one: string
  many: string
  /** The fields that may be told. Those that are not are null, or have their default. */
  shape: () => z.ZodRawShape
  defaults?: RecordData
  id: NewId
  /** The name of its id besides `id`. */
  idField?: string
  /** Secrets are taken out of it, and the answer says so. */
  scanned?: true
  /** A field whose value only one of them has. */
  unique?: string
  /** What it is a part of. */
  within?: Parent
  /** Further fields of a new one. Throws for what is not possible. */
  made?: (told: Told, changes: RecordChanges) => object
  /** What changes of a document that is told again. */
  again?: (before: RecordData, told: Told, changes: RecordChanges) => object
  /** How answers show it. */
  shown?: (row: RecordData, asked: Shown) => RecordData
}

interface Shown {
  api: ApiServices
  caller: ApiCaller
}

/** A record that others are parts of. */
interface Parent {
  kind: string
  /** The field of a part that names it: the one that `parentField` knows. */
  field: string
  /** As faults name it. */
  called: string
  whyNot?: (parent: RecordData) => GovernanceRefusal | undefined
  /** What changes of it with each part. */
  changed?: (parent: RecordData) => object
}

export type NewId = (told: Told, changes: RecordChanges) => string | number

/** How new records get their ids. */
export const newIds = {
  serial: ((_told, changes) => changes.serial) satisfies NewId,
  hex: (prefix: string): NewId => {
    return () => rowId(prefix)
  },
  uuid: (prefix: string): NewId => {
    return () => `${prefix}_${randomUUID()}`
  },
  /** The same for the same values, so that a document is found by its name. */
  named: (prefix: string, ...names: readonly string[]): NewId => {
    return (told) => {
      const values = names.map((name) => told[name] ?? null)
      return `${prefix}_${sha256(JSON.stringify(values)).slice(0, 24)}`
    }
  },
}
