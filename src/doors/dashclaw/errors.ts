import type { z } from 'zod'
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import { inputProblems } from '../../commands/input.ts'
import { Reply } from '../../commands/api/endpoint.ts'

/** The status of each fault; 400 for the others. */
const STATUSES: Partial<Record<FaultCode, number>> = {
  usage: 404,
  'not.found': 404,
  'approval.unknown': 404,
  'agent.unknown': 404,
  refused: 403,
  'name.taken': 409,
  'approval.decided': 409,
  'not.possible': 409,
  expired: 410,
  'journal.unwritable': 503,
  'journal.corrupt': 503,
  'supervisor.stopping': 503,
  'supervisor.unavailable': 503,
  timeout: 503,
  bug: 500,
}

/** An error as clients read it: always an object with the text `error`. */
export function errorReply(status: number, error: string, more: object = {}): Reply {
  return new Reply(status, { error, ...more })
}

/** How a failure is answered. A defect is logged, and nothing of it is told. */
export function faultReply(thrown: unknown, input: unknown, log: (what: string) => void): Reply {
  const fault = asFault(thrown)
  if (fault.code === 'bug') {
    const { cause } = fault
    log(`defect: ${cause instanceof Error ? (cause.stack ?? fault.message) : fault.message}`)
    return errorReply(500, 'Internal error')
  }
  const status = STATUSES[fault.code] ?? 400
  if (isZodError(fault.cause))
    return errorReply(400, 'Validation failed', { details: inputProblems(fault.cause, input) })
  const hint = fault.hint === undefined ? {} : { hint: fault.hint }
  return errorReply(status, fault.message, {
    ...(status === 400 ? { details: [fault.message] } : {}),
    ...hint,
  })
}

function isZodError(cause: unknown): cause is z.ZodError {
  return cause instanceof Error && 'issues' in cause
}

export function invalid(message: string): Fault {
  return new Fault('input.invalid', message)
}
