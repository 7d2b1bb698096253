import type { Table } from '../../../command-analysis/programs/table.ts'
import { programs } from '../../../config/programs.ts'
import type { Lease } from '../../leases/types.ts'
import { boundPermission } from './bounds.ts'
import type { Action } from '../types.ts'
import { viewOf, type ActionView } from './view.ts'
import { coveredPieces, coversAll } from './permission.ts'

/** An action for which a lease would be used. */
export interface LeaseUse {
  agent: string
  action: Action
  risk: number
  now: number
}

/** Whether a lease covers a whole action now. Nothing is charged. */
export function leaseCovers(lease: Lease, use: LeaseUse, table: Table = programs()): boolean {
  const view = viewOf(use.action, table)
  return isInForce(lease, use) && coversAll(coveredPieces(boundPermission(lease), view), view)
}

/**
 * The lease that covers the pieces that are not covered yet. Of several, the one that expires
 * first.
 */
export function coveringLease(
  leases: readonly Lease[],
  use: LeaseUse,
  { view, covered }: { view: ActionView; covered: ReadonlySet<number> },
): Lease | undefined {
  let best: Lease | undefined
  for (const lease of leases) {
    if ((best !== undefined && !expiresBefore(lease, best)) || !isInForce(lease, use)) continue
    const pieces = coveredPieces(boundPermission(lease), view)
    if (pieces.size > 0 && coversAll(new Set([...pieces, ...covered]), view)) best = lease
  }
  return best
}

function expiresBefore(one: Lease, other: Lease): boolean {
  return one.expiresAt === other.expiresAt ? one.id < other.id : one.expiresAt < other.expiresAt
}

function isInForce(lease: Lease, { agent, action, risk, now }: LeaseUse): boolean {
  return (
    lease.state === 'active' &&
    lease.usesLeft > 0 &&
    now < lease.expiresAt &&
    now >= lease.grantedAt - CLOCK_SLACK_MS &&
    (lease.agent === '*' || lease.agent === agent) &&
    (lease.type === '*' || lease.type === action.type) &&
    risk <= lease.maxRisk
  )
}

/**
 * After the clock was set back by more than this, a lease covers nothing, so that it cannot last
 * longer.
 */
const CLOCK_SLACK_MS = 60_000
