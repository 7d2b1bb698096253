import { plain } from '../../../base/text.ts'
import type { Decision } from '../../policy/types.ts'
import type { LedgerStatus, GovernanceRefusal } from '../types.ts'

/** Where an action stands after the guard answered. `requested` is what the agent asked for. */
export function statusAfterGuard(
  decision: Decision,
  requested: LedgerStatus | null = null,
): LedgerStatus {
  if (decision === 'block') return 'blocked'
  if (decision === 'require_approval') return 'pending_approval'
  // Only the guard holds or blocks: a status that says so cannot be claimed.
  if (requested === 'pending_approval' || requested === 'blocked') return 'running'
  return requested ?? 'running'
}

/** Why an outcome cannot be reported, or undefined. A held action waits for a person, only. */
export function whyNoOutcome(action: { status: LedgerStatus }): GovernanceRefusal | undefined {
  if (action.status === 'pending_approval')
    return {
      kind: 'conflict',
      reason: 'The action waits for approval; its outcome can be reported once it is approved',
    }
  if (action.status === 'blocked')
    return { kind: 'conflict', reason: 'The action was blocked and has no outcome' }
  return undefined
}

const OUTCOME_FIELDS = [
  'status',
  'output_summary',
  'side_effects',
  'artifacts_created',
  'error_message',
  'timestamp_end',
  'duration_ms',
  'cost_estimate',
  'tokens_in',
  'tokens_out',
  'model',
] as const
export type OutcomeField = (typeof OUTCOME_FIELDS)[number]

/** The fields of an outcome that were given. Null is as if it were left out; none: undefined. */
export function outcomeFields(
  given: Readonly<Record<string, unknown>>,
): Partial<Record<OutcomeField, unknown>> | undefined {
  const fields = OUTCOME_FIELDS.filter((key) => Object.hasOwn(given, key)).flatMap((key) => {
    const value = given[key]
    return value === null || value === undefined ? [] : [[key, value] as const]
  })
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

/** Why an action cannot be approved or denied, or undefined. */
export function whyNoApproval(action: { status: LedgerStatus }): GovernanceRefusal | undefined {
  return action.status === 'pending_approval'
    ? undefined
    : { kind: 'invalid', reason: `The action is not pending approval (status: ${action.status})` }
}

/** What an approval or denial does to an action. */
export interface ApprovalChange {
  status: LedgerStatus
  /** Set exactly if approved: waiting clients go by it. */
  approved_by: string | null
  approved_at: string | null
  error_message: string | null
  /** The action's reasoning with the decision after it. */
  reasoning: string
}

export interface OperatorsAnswer {
  decision: 'allow' | 'deny'
  /** An operator's name or a key's id. */
  by: string
  at: string
  why: string | null
  /** The action's reasoning until now. */
  reasoning: string | null
}

export function approvalChange(answer: OperatorsAnswer): ApprovalChange {
  const { by, at, why } = answer
  const allowed = answer.decision === 'allow'
  const word = allowed ? 'Approved' : 'Denied'
  const line = `${word} by ${plain(by)}${why === null || why === '' ? '' : `: ${why}`}`
  return {
    status: allowed ? 'running' : 'failed',
    approved_by: allowed ? by : null,
    approved_at: allowed ? at : null,
    error_message: allowed ? null : (why ?? '') || 'Denied by an operator',
    reasoning: [answer.reasoning ?? '', line].filter((part) => part !== '').join('\n'),
  }
}

const DEFAULT_CONFIDENCE = 50

/** The confidence that is stored: 50 if the agent gave none; 0 stays 0. */
export function storedConfidence(given: number | null | undefined): number {
  return given ?? DEFAULT_CONFIDENCE
}
