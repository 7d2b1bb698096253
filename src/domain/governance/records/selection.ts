import { recordId } from './noun.ts'
import { parentField } from './parents.ts'
import type { RecordQuery } from './types.ts'

interface Selection {
  /** SQL over the table of records. */
  where: string
  order: string
  values: Record<string, string | number>
  /** SQL of a field of the data. */
  field: (name: string) => string
}

/** A field of the data. The names come from this program alone. */
function field(name: string): string {
  return `row ->> ${path(name)}`
}

function path(name: string): string {
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(name)) throw new TypeError(`${name} is no field of a record`)
  return `'$.data.${name}'`
}

/** A value and the SQL that asks for it. */
type Term = readonly [name: string, value: unknown, sql: string]

function termsOf(kind: string, query: RecordQuery): Term[] {
  const each = (of: object | undefined, term: (name: string, value: unknown) => Term) =>
    Object.entries(of ?? {}).map(([name, value]) => term(name, value))
  const fieldOf = (name: string) => (name === parentField(kind) ? 'parent' : field(name))
  return [
    ['agent', query.agent, 'agent = @agent'],
    ['status', query.status, 'status = @status'],
    ['from', query.from, 'at >= @from'],
    ['before', query.before, 'at < @before'],
    ...each(query.where, (name, v): Term => [`w_${name}`, v, `${fieldOf(name)} = @w_${name}`]),
    ...each(query.has, (name, v): Term => [`h_${name}`, v, contains(name)]),
    ...each(query.atLeast, (name, v): Term => [`l_${name}`, v, `${field(name)} >= @l_${name}`]),
    ...each(query.atMost, (name, v): Term => [`m_${name}`, v, `${field(name)} <= @m_${name}`]),
  ]
}

/** The SQL that selects what a query looks for. */
export function selectionOf(org: string, kind: string, query: RecordQuery): Selection {
  const { limit, offset = 0 } = query
  const values: Selection['values'] = { org, kind, limit, offset }
  const terms = ['org = @org', 'kind = @kind']
  for (const [name, value, sql] of termsOf(kind, query)) {
    if (value === undefined || value === null) continue
    values[name] = typeof value === 'boolean' ? Number(value) : (value as string | number)
    terms.push(sql)
  }
  if (query.under !== undefined) {
    const before = recordId({ org, kind, key: query.under })
    values['under'] = `${before}/`
    values['beyond'] = `${before}0`
    terms.push('id >= @under', 'id < @beyond')
  }
  if (query.search !== undefined) {
    values['search'] = query.search.text.toLowerCase()
    const texts = query.search.in.map((name) => `instr(lower(${field(name)}), @search) > 0`)
    terms.push(`(${texts.join(' OR ')})`)
  }
  return { where: terms.join(' AND '), order: orderOf(query.order ?? []), values, field }
}

/** Whether a list of the data contains a value. */
function contains(name: string): string {
  return `EXISTS (SELECT 1 FROM json_each(row, ${path(name)}) WHERE value = @h_${name})`
}

function orderOf(order: readonly string[]): string {
  const fields = order.map((name) =>
    name.startsWith('-') ? `${field(name.slice(1))} DESC` : field(name),
  )
  return [...fields, 'at DESC', 'rowid DESC'].join(', ')
}
