import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { parentField } from './parents.ts'
import { rankOf } from './ranks.ts'
import { addToSums } from './sums.ts'
import { summedBy } from './summed-kinds.ts'
import type { RecordData, RecordRow } from './types.ts'

type RecordName = Pick<RecordRow, 'org' | 'kind' | 'key'>

const events = {
  'record.made': body<RecordName & { data: RecordData }>(),
  /** Fields that have another value now. */
  'record.changed': body<RecordName & { change: RecordData }>(),
  'record.removed': body<RecordName>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}

/** How the table names a record. */
export function recordId({ org, kind, key }: RecordName): string {
  return `${org}/${kind}/${key}`
}

/** What the record of the guard's decision about an action is called. */
export function decisionName(org: string, decision: RecordData): RecordName {
  return { org, kind: 'guard_decision', key: String(decision['id']) }
}

/** What a row of the table is called: its organisation, kind and key. */
export function recordName(id: string): RecordName {
  const afterOrg = id.indexOf('/')
  const afterKind = id.indexOf('/', afterOrg + 1)
  return {
    org: id.slice(0, afterOrg),
    kind: id.slice(afterOrg + 1, afterKind),
    key: id.slice(afterKind + 1),
  }
}

/** All records of the governance API, of every kind. */
export const recordNoun = noun({
  name: 'record',
  columns: {
    org: { path: 'org', type: 'TEXT' },
    kind: { path: 'kind', type: 'TEXT' },
    agent: { path: 'agent', type: 'TEXT' },
    parent: { path: 'parent', type: 'TEXT' },
    status: { path: 'status', type: 'TEXT' },
    rank: { path: 'rank', type: 'INTEGER' },
    at: { path: 'at', type: 'INTEGER' },
  },
  indexes: [
    ['org', 'kind', 'rank', 'at', 'status', 'agent'],
    ['org', 'kind', 'agent', 'rank', 'at', 'status'],
    ['org', 'kind', 'status', 'rank', 'at', 'agent'],
    ['org', 'kind', 'parent', 'at'],
  ],
  checkedLate: true,
  brief: 'unchecked',
  events,
  folds: {
    'record.made': ({ at, body: { data, ...name } }, rows) => put(rows, { ...name, at }, data),
    'ledger.recorded': ({ at, body: { org, decision } }, rows) => {
      if (decision !== undefined) put(rows, { ...decisionName(org, decision), at }, decision)
    },
    'record.changed': ({ body: { change, ...name } }, rows) => {
      const before = rows.get<RecordRow>('record', recordId(name))
      if (before !== undefined) put(rows, before, { ...before.data, ...change })
    },
    'record.removed': ({ body: name }, rows) => {
      sum(rows, name)
      rows.drop('record', recordId(name))
    },
  },
})

/** What records of some kinds add up to, folded as they are written. */
export const recordSumsNoun = noun({
  name: 'record_sums',
  sums: true,
  checkedLate: true,
  brief: 'unchecked',
  folds: {},
})

function put(rows: Rows, name: RecordName & { at: number }, data: RecordData): void {
  sum(rows, name, data)
  rows.put('record', recordId(name), rowOf(name, data))
}

function sum(rows: Rows, name: RecordName, now?: RecordData): void {
  const by = summedBy(name.kind)
  if (by === undefined) return
  const before = rows.get<RecordRow>('record', recordId(name))?.data
  addToSums(rows, by, { ...name, before, ...(now === undefined ? {} : { now }) })
}

function rowOf(name: RecordName & { at: number }, data: RecordData): RecordRow {
  const { org, kind, key, at } = name
  return {
    org,
    kind,
    key,
    agent: text(data['agent_id']),
    parent: text(data[parentField(kind) ?? '']),
    status: text(data['status']),
    rank: rankOf(kind, data),
    at,
    data,
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
