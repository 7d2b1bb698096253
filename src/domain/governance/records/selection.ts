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

/** The SQL that selects what a query looks for. */
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
  add('agent', query.agent, 'agent = @agent')
  add('status', query.status, 'status = @status')
  add('from', query.from, 'at >= @from')
  add('before', query.before, 'at < @before')
  for (const [name, value] of Object.entries(query.where ?? {}))
    add(`w_${name}`, value, `${name === parentField(kind) ? 'parent' : field(name)} = @w_${name}`)
  for (const [name, value] of Object.entries(query.has ?? {}))
    add(`h_${name}`, value, contains(name))
  if (query.under !== undefined) {
    const before = recordId({ org, kind, key: query.under })
    values['under'] = `${before}/`
    values['beyond'] = `${before}0`
    terms.push('id >= @under', 'id < @beyond')
  }
  for (const [name, value] of Object.entries(query.atLeast ?? {}))
    add(`low_${name}`, value, `${field(name)} >= @low_${name}`)
  for (const [name, value] of Object.entries(query.atMost ?? {}))
    add(`high_${name}`, value, `${field(name)} <= @high_${name}`)
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
