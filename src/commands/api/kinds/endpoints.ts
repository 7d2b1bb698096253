import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import type { RecordChanges } from '../../../domain/governance/records/service.ts'
import type { RecordData, RecordQuery } from '../../../domain/governance/records/types.ts'
import { required } from '../../../domain/governance/refusals.ts'
import { redactDeep } from '../../../domain/governance/scanning/secrets.ts'
import { endpoint, type ApiCaller, type ApiMethod, type Endpoint } from '../endpoint.ts'
import { fields, paged, someText, text } from '../inputs.ts'
import type { ApiServices } from '../services.ts'
import type { RecordKind, Told } from './kind.ts'
import { changeRecord, recordAuthorOf, unclaim, writeRecord } from './write.ts'

type Call<M extends ApiMethod> = `${M} ${string}`

interface Common {
  /** One sentence. */
  about: string
  needs?: 'administer'
}

/** An id of a path or query. */
const Id = () => text(256)

/** Everything about a record that is answered when it was written. */
export function writtenAnswer(
  kind: RecordKind,
  { row, security }: { row: RecordData; security?: object | undefined },
  context: { api: ApiServices; caller: ApiCaller },
): object {
  return {
    [kind.one]: kind.shown?.(row, context) ?? row,
    [`${kind.one}_id`]: row['id'],
    ...(security === undefined ? {} : { security }),
  }
}

/** Tells a record. The parent of a part is the `:id` of the path. */
export function createsRecord(
  kind: RecordKind,
  call: Call<'POST'>,
  { about, needs }: Common,
): Endpoint {
  const { within } = kind
  return endpoint(call, {
    about,
    status: 201,
    ...(needs === undefined ? {} : { needs }),
    input: () => fields({ ...kind.shape(), ...(within === undefined ? {} : { id: Id() }) }),
    run: async (api, given, caller) => {
      const { id, ...rest } = given as Told
      const told = within === undefined ? (given as Told) : { ...rest, [within.field]: id }
      return writtenAnswer(kind, await writeRecord(api, kind, { told, caller }), { api, caller })
    },
  })
}

interface Listing extends Common {
  /** Fields that a query may name a value of. */
  by?: readonly string[]
  /** The fields that `search` looks into. */
  search?: readonly string[]
  /** Names of a query, and the lists that have to contain their values. */
  has?: Readonly<Record<string, string>>
  order?: readonly string[]
  /** The longest page, and the usual one. */
  page?: readonly [most: number, usual: number]
  /** What else is answered. */
  also?: (api: ApiServices, asked: Told, caller: ApiCaller) => object
}

/** What a query of a list may name. */
export function listShape({ by = [], search, has = {}, page = [200, 50] }: Listing): z.ZodRawShape {
  const names = [...by, ...(search === undefined ? [] : ['search']), ...Object.keys(has)]
  return {
    ...Object.fromEntries(names.map((name) => [name, text(500).optional()])),
    ...paged(...page),
  }
}

/** A page of the records that a query asks for. */
export function listAnswer(
  kind: RecordKind,
  listing: Listing,
  { api, asked, caller }: { api: ApiServices; asked: Told; caller: ApiCaller },
): object {
  const { org } = caller.tenant
  const query = queryOf(kind, listing, asked)
  if (kind.within !== undefined) {
    const { kind: parent, called } = kind.within
    required(api.records.get(org, parent, String(asked['id'])), `${called} ${String(asked['id'])}`)
  }
  const { rows, total } = api.records.page(org, kind.kind, query)
  return {
    [kind.many]: rows.map((row) => kind.shown?.(row, { api, caller }) ?? row),
    total,
    limit: query.limit,
    offset: query.offset,
    ...listing.also?.(api, asked, caller),
  }
}

function queryOf({ within }: RecordKind, listing: Listing, asked: Told): RecordQuery {
  const { by = [], search, has = {}, order = [] } = listing
  const where = by.filter((name) => name !== 'agent_id' && name !== 'status')
  const lists = Object.entries(has).map(([name, field]) => [field, asked[name]])
  return {
    agent: asked['agent_id'] as string | undefined,
    status: asked['status'] as string | undefined,
    where: {
      ...Object.fromEntries(where.map((name) => [name, asked[name] as string | undefined])),
      ...(within === undefined ? {} : { [within.field]: String(asked['id']) }),
    },
    has: Object.fromEntries(lists) as Record<string, string | undefined>,
    order,
    ...(search === undefined || asked['search'] === undefined
      ? {}
      : { search: { text: asked['search'] as string, in: search } }),
    limit: asked['limit'] as number,
    offset: asked['offset'] as number,
  }
}

/** A list of records; of parts, those of the `:id` of the path. */
export function listsRecords(kind: RecordKind, call: Call<'GET'>, listing: Listing): Endpoint {
  const parent = kind.within === undefined ? {} : { id: Id() }
  return endpoint(call, {
    about: listing.about,
    input: () => fields({ ...listShape(listing), ...parent }),
    run: (api, asked, caller) => listAnswer(kind, listing, { api, asked: asked as Told, caller }),
  })
}

interface Reading extends Common {
  /** What else is answered. */
  also?: (api: ApiServices, row: RecordData, caller: ApiCaller) => object
}

/** One record, by the `:id` of the path. */
export function getsRecord(
  kind: RecordKind,
  call: Call<'GET'>,
  { about, also }: Reading,
): Endpoint {
  return endpoint(call, {
    about,
    input: () => fields({ id: Id() }),
    run: (api, { id }, caller) => {
      const row = oneRecord(api, kind, { id, caller })
      return { [kind.one]: kind.shown?.(row, { api, caller }) ?? row, ...also?.(api, row, caller) }
    },
  })
}

/** Fault `not.found`, also for one of another organisation. */
export function oneRecord(
  { records }: ApiServices,
  kind: RecordKind,
  { id, caller }: { id: string; caller: ApiCaller },
): RecordData {
  return required(records.get(caller.tenant.org, kind.kind, id), missing(kind, id))
}

function missing({ one }: RecordKind, id: string): string {
  return `${one.charAt(0).toUpperCase()}${one.slice(1)} ${id}`
}

interface Changing extends Common {
  /** The fields that may be changed; by default all. */
  shape?: () => z.ZodRawShape
  /** What changes; by default what was given. Throws for what is not possible. */
  change?: (before: RecordData, given: Told, changes: RecordChanges) => object
  /** Nothing has to be given: to be called is enough. */
  isMove?: true
  /** The name of the id in the input. */
  id?: string
}

/** Changes fields of one record, or moves it on. */
export function changesRecord(
  kind: RecordKind,
  call: Call<'PATCH' | 'POST'>,
  { about, needs, shape = kind.shape, change = (_, given) => given, isMove, id = 'id' }: Changing,
): Endpoint {
  return endpoint(call, {
    about,
    ...(needs === undefined ? {} : { needs }),
    input: () => fields({ ...optional(shape()), [id]: someText(256) }),
    run: async (api, input, caller) => {
      const { [id]: key, ...given } = input as Told & Record<string, string>
      if (Object.keys(given).length === 0 && isMove !== true)
        throw new Fault('input.invalid', `nothing of the ${kind.one} was given to change`)
      const { value, security } = kind.scanned === true ? redactDeep(given) : NOT_SCANNED(given)
      const before = oneRecord(api, kind, { id: String(key), caller })
      const author = recordAuthorOf(caller, before['agent_id'])
      const row = await api.records.write(author, (writing) => {
        const now = required(
          writing.get<RecordData>(kind.kind, String(key)),
          missing(kind, String(key)),
        )
        const changed = change(now, value, writing)
        return changeRecord(kind, writing, { key: String(key), before: now, change: changed })
      })
      return writtenAnswer(kind, { row, security }, { api, caller })
    },
  })
}

const NOT_SCANNED = (value: Told) => ({ value, security: undefined })

function optional(shape: z.ZodRawShape): z.ZodRawShape {
  return Object.fromEntries(
    Object.entries(shape).map(([name, type]) => [name, z.optional(type as z.ZodType)]),
  )
}

interface Removing extends Common {
  /** What goes or changes with it. */
  gone?: (row: RecordData, changes: RecordChanges) => void
}

/** Removes one record, by the `:id` of the path or the `id` of the query. */
export function removesRecord(
  kind: RecordKind,
  call: Call<'DELETE'>,
  { about, needs, gone }: Removing,
): Endpoint {
  return endpoint(call, {
    about,
    ...(needs === undefined ? {} : { needs }),
    input: () => fields({ id: Id() }),
    run: async (api, { id }, caller) => {
      const { agent_id: agent } = oneRecord(api, kind, { id, caller })
      await api.records.write(recordAuthorOf(caller, agent), (writing) => {
        const row = required(writing.get<RecordData>(kind.kind, id), missing(kind, id))
        gone?.(row, writing)
        unclaim(kind, writing, row)
        writing.remove(kind.kind, id)
      })
      return { deleted: true, id }
    },
  })
}
