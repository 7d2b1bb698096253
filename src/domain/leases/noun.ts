import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { Lease } from './types.ts'

const events = {
  'lease.granted': body<{ lease: Lease }>(),
  'lease.revoked': body<{ id: string }>(),
  'lease.expired': body<{ id: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    lease: Lease
  }
}

function charge(rows: Rows, id: string): void {
  const lease = rows.get<Lease>('lease', id)
  if (lease === undefined) return
  const usesLeft = Math.max(0, lease.usesLeft - 1)
  const state = usesLeft === 0 && lease.state === 'active' ? 'spent' : lease.state
  rows.put('lease', id, { ...lease, usesLeft, state })
}

function end(rows: Rows, id: string, state: Lease['state']): void {
  const lease = rows.get<Lease>('lease', id)
  if (lease?.state === 'active') rows.put('lease', id, { ...lease, state })
}

/** Bounded approvals: scope, uses, expiry. */
export const leaseNoun = noun({
  name: 'lease',
  columns: { state: { path: 'state', type: 'TEXT' } },
  indexes: [['state']],
  events,
  folds: {
    'lease.granted': ({ body: { lease } }, rows) => rows.put('lease', lease.id, lease),
    'lease.revoked': ({ body: { id } }, rows) => end(rows, id, 'revoked'),
    'lease.expired': ({ body: { id } }, rows) => end(rows, id, 'expired'),
    'action.decided': ({ body: { lease } }, rows) => {
      if (lease !== null) charge(rows, lease)
    },
  },
  // Of the actions that needed no person, only those allowed by a lease change one.
  brief: {
    skip: { 'action.decided': `instr(body, '"lease":"') = 0` },
    known: (row) => row,
  },
  grants: (here, expected) => isActive(here) && !isActive(expected),
  mirror: ["WHERE state = 'active'"],
  agentOf: ({ agent }: Lease) => agent,
})

function isActive(row: object | undefined): boolean {
  return (row as Partial<Lease> | undefined)?.state === 'active'
}
