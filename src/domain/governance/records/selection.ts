import type { RecordQuery } from './types.ts'

interface Selection {
  /** SQL over the table of records. */
  where: string
  order: string
  values: Record<string, string | number>
}

/** A field of the data. The names come from this program alone. */
function field(name: string): string {
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(name)) throw new TypeError(`${name} is no field of a record`)
  return `row ->> '$.data.${name}'`
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
    add(`w_${name}`, value, `${field(name)} = @w_${name}`)
  if (query.search !== undefined) {
    values['search'] = query.search.text.toLowerCase()
    const texts = query.search.in.map((name) => `instr(lower(${field(name)}), @search) > 0`)
    terms.push(`(${texts.join(' OR ')})`)
  }
  return { where: terms.join(' AND '), order: orderOf(query.order ?? []), values }
}

function orderOf(order: readonly string[]): string {
  const fields = order.map((name) =>
    name.startsWith('-') ? `${field(name.slice(1))} DESC` : field(name),
  )
  return [...fields, 'at DESC', 'rowid DESC'].join(', ')
}
