import type { Table } from '../../command-analysis/table.ts'
import { programs } from '../../config/programs.ts'
import type { Lease } from '../leases/types.ts'
import { boundYes } from './bounds.ts'
import type { Action } from './types.ts'
import { viewOf, type View } from './view.ts'
import { coveredBy, isWhole } from './yes.ts'

/** What a lease is asked about. */
export interface Borrowed {
  agent: string
  action: Action
  risk: number
  now: number
}

/** Whether a lease says yes to all of this action now. Pure; charging it for a use is the caller's. */
export function leaseCovers(lease: Lease, of: Borrowed, table: Table = programs()): boolean {
  const view = viewOf(of.action, table)
  return isInForce(lease, of) && isWhole(coveredBy(boundYes(lease), view), view)
}

/** The lease that covers what is left of an action; of several the one that ends first, so that it does not hang on their order. */
export function leaseFor(
  leases: readonly Lease[],
  of: Borrowed,
  { view, covered }: { view: View; covered: ReadonlySet<number> },
): Lease | undefined {
  let best: Lease | undefined
  for (const lease of leases) {
    if ((best !== undefined && !endsBefore(lease, best)) || !isInForce(lease, of)) continue
    const pieces = coveredBy(boundYes(lease), view)
    if (pieces.size > 0 && isWhole(new Set([...pieces, ...covered]), view)) best = lease
  }
  return best
}

function endsBefore(one: Lease, other: Lease): boolean {
  return one.expiresAt === other.expiresAt ? one.id < other.id : one.expiresAt < other.expiresAt
}

function isInForce(lease: Lease, { agent, action, risk, now }: Borrowed): boolean {
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

/** A clock that was set back by more than this makes a lease mean nothing rather than live longer. */
const CLOCK_SLACK_MS = 60_000
