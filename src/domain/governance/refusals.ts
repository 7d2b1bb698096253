import { Fault, type FaultCode } from '../../base/fault.ts'
import type { GovernanceRefusal } from './types.ts'

const CODES: Readonly<Record<GovernanceRefusal['kind'], FaultCode>> = {
  invalid: 'input.invalid',
  missing: 'not.found',
  conflict: 'not.possible',
  gone: 'expired',
}

/** Throws what a rule refuses. */
export function requireNo(refusal: GovernanceRefusal | undefined): void {
  if (refusal !== undefined) throw new Fault(CODES[refusal.kind], refusal.reason)
}

/** Fault `not.found` for what nobody has. */
export function required<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Fault('not.found', `${what} not found`)
  return found
}
