import type * as z from 'zod'
import { Fault } from '../../base/fault.ts'
import type { RecordData } from '../../domain/governance/records/types.ts'
import { required } from '../../domain/governance/refusals.ts'
import type { Right } from '../../domain/operators/rules.ts'
import { endpoint, type ApiCaller, type Endpoint } from './endpoint.ts'
import { fields, text } from './inputs.ts'
import { recordAuthorOf } from './kinds/write.ts'
import type { ApiServices } from './services.ts'

/** Records that are answered bare, each at an address of its own. */
export interface RowKind {
  /** `/feedback`: one is at `/feedback/:id`. */
  path: `/${string}`
  kind: string
  /** What one is called in errors: `Feedback`. */
  what: string
  /** What writing needs; by default `record`. */
  needs?: Right
  /** It says something of agents, which they cannot change. */
  ofAgents?: true
}

const ONE = { id: text(128) }

/** Fault `refused` for an agent that would change what others say of it. */
export function requireNoAgent({ tenant: { agentId } }: ApiCaller): void {
  if (agentId !== undefined)
    throw new Fault('refused', 'an agent cannot change what is said of agents')
}

/** A row of the caller's organisation. Fault `not.found`. */
export function rowOf<T = RecordData>(
  { records }: ApiServices,
  { kind, what }: Pick<RowKind, 'kind' | 'what'>,
  { id, org }: { id: string; org: string },
): T {
  return required(records.get<T>(org, kind, id), `${what} ${id}`)
}

/** `GET /feedback/:id` */
export function readRow(row: RowKind): Endpoint {
  return endpoint(`GET ${row.path}/:id`, {
    about: `${row.what} by its id.`,
    input: () => fields(ONE),
    run: (api, { id }, { tenant: { org } }) => rowOf<RecordData>(api, row, { id, org }),
  })
}

/** `DELETE /feedback/:id` */
export function deleteRow(row: RowKind): Endpoint {
  return endpoint(`DELETE ${row.path}/:id`, {
    about: `Deletes ${named(row)}.`,
    ...rightOf(row),
    input: () => fields(ONE),
    run: async (api, { id }, caller) => {
      if (row.ofAgents === true) requireNoAgent(caller)
      await api.records.write(recordAuthorOf(caller, undefined), (changes) => {
        required(changes.get(row.kind, id), `${row.what} ${id}`)
        changes.remove(row.kind, id)
      })
      return { deleted: true }
    },
  })
}

interface RowChange<S extends z.ZodRawShape> {
  shape: () => S
  /**
   * What becomes of the fields that were given; it may refuse. Without it they are written as they
   * are.
   */
  change?: (
    given: RecordData,
    before: RecordData,
    context: { api: ApiServices; org: string },
  ) => RecordData | Promise<RecordData>
}

/** `PATCH /feedback/:id`: changes the fields that are given, at least one. */
export function changeRow<S extends z.ZodRawShape>(row: RowKind, given: RowChange<S>): Endpoint {
  return endpoint(`PATCH ${row.path}/:id`, {
    about: `Changes ${named(row)}.`,
    ...rightOf(row),
    input: () => fields({ ...given.shape(), ...ONE }),
    run: async (api, asked, caller) => {
      const { id, ...fieldsGiven } = asked as RecordData & { id: string }
      requireSome(fieldsGiven)
      const { org } = caller.tenant
      const before = rowOf<RecordData>(api, row, { id, org })
      const change = (await given.change?.(fieldsGiven, before, { api, org })) ?? fieldsGiven
      return api.records.write(recordAuthorOf(caller, undefined), (changes) => {
        required(changes.get(row.kind, id), `${row.what} ${id}`)
        changes.change(row.kind, id, { ...change, updated_at: changes.now })
        return changes.get(row.kind, id) ?? {}
      })
    },
  })
}

/** Fault `input.invalid` for a change of nothing. */
export function requireSome(given: object): void {
  if (Object.values(given).every((value) => value === undefined))
    throw new Fault('input.invalid', 'no field to change was given')
}

function named({ what }: RowKind): string {
  return `one: ${what.toLowerCase()}`
}

function rightOf({ needs }: RowKind): { needs?: Right } {
  return needs === undefined ? {} : { needs }
}
