import type { AllowOptions } from '../domain/approvals/types.ts'
import type { LeaseTerms } from '../domain/leases/types.ts'

/** What may be said besides which approvals are allowed. */
interface AllowInput {
  lease?: LeaseTerms | undefined
  uses?: number | undefined
  minutes?: number | undefined
  pattern?: string | undefined
  target?: string | undefined
  argv?: string[] | undefined
}

/** The lease that was granted with an approval, if one was. */
export function leaseOf({ lease, uses, minutes, pattern }: AllowInput): LeaseTerms | undefined {
  if (lease !== undefined) return lease
  if (uses === undefined && minutes === undefined && pattern === undefined) return undefined
  return {
    uses: uses ?? 1,
    minutes: minutes ?? 60,
    ...(pattern === undefined ? {} : { target: pattern }),
  }
}

/** What was allowed instead of what was asked, if it was edited. */
export function editOf({ target, argv }: AllowInput): AllowOptions['edit'] {
  return target === undefined && argv === undefined ? undefined : { target, argv }
}
