import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
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

/** All records of the governance API, of every kind. */
export const recordNoun = noun({
  name: 'record',
  columns: {
    org: { path: 'org', type: 'TEXT' },
    kind: { path: 'kind', type: 'TEXT' },
    agent: { path: 'agent', type: 'TEXT' },
    status: { path: 'status', type: 'TEXT' },
    at: { path: 'at', type: 'INTEGER' },
  },
  indexes: [
    ['org', 'kind', 'at'],
    ['org', 'kind', 'agent', 'at'],
    ['org', 'kind', 'status', 'at'],
  ],
  checkedLate: true,
  brief: 'unchecked',
  events,
  folds: {
    'record.made': ({ at, body: { org, kind, key, data } }, rows) =>
      rows.put('record', recordId({ org, kind, key }), rowOf({ org, kind, key, at }, data)),
    'record.changed': ({ body: { change, ...name } }, rows) => {
      const before = rows.get<RecordRow>('record', recordId(name))
      if (before === undefined) return
      const data = { ...before.data, ...change }
      rows.put('record', recordId(name), rowOf({ ...name, at: before.at }, data))
    },
    'record.removed': ({ body: name }, rows) => rows.drop('record', recordId(name)),
  },
})

function rowOf(name: RecordName & { at: number }, data: RecordData): RecordRow {
  return { ...name, agent: text(data['agent_id']), status: text(data['status']), data }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
