import { confirmedAs } from '../../src/base/confirmation.ts'
import { confirmationsToAllow } from '../../src/domain/approvals/rules.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'

/** The input of a yes from somebody who saw all of it, and confirmed what has to be. */
export function yesTo(...approvals: readonly Approval[]) {
  return {
    ids: approvals.map(({ id }) => id),
    confirm: confirmedAs(confirmationsToAllow(approvals)),
  }
}
