import { parentField } from './parents.ts'
import { isRanked } from './ranks.ts'
import type { RecordQuery } from './types.ts'

interface Selection {
  /** SQL over the table of records. */
  where: string
  order: string
  values: Record<string, string | number>
}

/** A field of the data. The names come from this program alone. */
function field(name: string): string {
  return `row ->> ${path(name)}`
}

function path(name: string): string {
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(name)) throw new TypeError(`${name} is no field of a record`)
  return `'$.data.${name}'`
}

/** The SQL that selects what a query looks for, so that an index also has its order. */
export function selectionOf(org: string, kind: string, query: RecordQuery): Selection {
  const values: Selection['values'] = {
    org,
    kind,
    limit: query.limit,
    offset: query.offset ?? 0,
  }
  const terms = ['org = @org', 'kind = @kind']
  const add = (name: string, value: unknown, term: string) => {
    if (value === undefined || value === null) return
    values[name] = typeof value === 'boolean' ? Number(value) : (value as string | number)
    terms.push(term)
  }
  const ranked = isRankedBy(kind, query)
  add('agent', query.agent, 'agent = @agent')
  add('status', query.status, 'status = @status')
  add('rank', query.rank, 'rank = @rank')
  // Indexes have ranks before times, so they want to know it to be in the order of time.
  if (!isRanked(kind) && !isOfParent(kind, query)) terms.push('rank = 0')
  add('from', query.from, 'at >= @from')
  add('before', query.before, 'at < @before')
  for (const { name, value, term } of ofData(kind, query)) add(name, value, term)
  if (query.search !== undefined) {
    values['search'] = query.search.text.toLowerCase()
    const texts = query.search.in.map((name) => `instr(lower(${field(name)}), @search) > 0`)
    terms.push(`(${texts.join(' OR ')})`)
  }
  return { where: terms.join(' AND '), order: orderOf(query, ranked), values }
}

interface Term {
  /** Of its value. */
  name: string
  value: unknown
  term: string
}

/** What fields of the data have to be. */
function ofData(kind: string, { where, has, atLeast, atMost }: RecordQuery): Term[] {
  const parent = parentField(kind)
  const each = (
    prefix: string,
    fields: Readonly<Record<string, unknown>> = {},
    term: (field: string, value: string) => string,
  ): Term[] =>
    Object.entries(fields).map(([field, value]) => ({
      name: `${prefix}_${field}`,
      value,
      term: term(field, `@${prefix}_${field}`),
    }))
  return [
    ...each('w', where, (name, value) => `${name === parent ? 'parent' : field(name)} = ${value}`),
    ...each('h', has, contains),
    ...each('low', atLeast, (name, value) => `${field(name)} >= ${value}`),
    ...each('high', atMost, (name, value) => `${field(name)} <= ${value}`),
  ]
}

/** Whether a list of the data contains a value. */
function contains(name: string, value: string): string {
  return `EXISTS (SELECT 1 FROM json_each(row, ${path(name)}) WHERE value = ${value})`
}

/** Whether a query is for what belongs to one record: then another index has the order. */
function isOfParent(kind: string, { where = {} }: RecordQuery): boolean {
  return (where[parentField(kind) ?? ''] ?? undefined) !== undefined
}

/** Whether a list goes by rank: unless it has another order, or is of what belongs to something. */
function isRankedBy(kind: string, query: RecordQuery): boolean {
  const { oldest, order = [] } = query
  return isRanked(kind) && oldest !== true && order.length === 0 && !isOfParent(kind, query)
}

function orderOf({ order = [], oldest = false }: RecordQuery, ranked: boolean): string {
  if (oldest) return 'at, rowid'
  const fields = order.map((name) =>
    name.startsWith('-') ? `${field(name.slice(1))} DESC` : field(name),
  )
  return [...fields, ...(ranked ? ['rank DESC'] : []), 'at DESC', 'rowid DESC'].join(', ')
}
