import type { GuardReply } from '../policies/rules.ts'
import { statusAfterGuard } from '../actions/rules.ts'
import { storedCost, storedTokens } from '../tokens/rules.ts'
import type { LedgerStatus } from '../types.ts'
import type { RecordedAction } from './types.ts'

/** What is recorded of an action where its agent tells nothing. */
export const UNTOLD = {
  agent_name: null,
  swarm_id: null,
  parent_action_id: null,
  session_id: null,
  reasoning: null,
  authorization_scope: null,
  trigger: null,
  systems_touched: [],
  input_summary: null,
  output_summary: null,
  side_effects: [],
  artifacts_created: [],
  status: 'running' as const,
  reversible: true,
  risk_score: 0,
  recommendation_id: null,
  recommendation_applied: false,
  recommendation_override_reason: null,
  error_message: null,
  duration_ms: null,
  tokens_in: null,
  tokens_out: null,
  model: null,
  cost_estimate: null,
  timestamp_end: null,
  signature: null,
  verified: false,
}

/** An action as it stands once the guard decided. */
export function afterGuard(
  action: RecordedAction,
  reply: GuardReply,
  requested: LedgerStatus | null,
): RecordedAction {
  const status = statusAfterGuard(reply.decision, requested)
  if (status !== 'blocked') return { ...action, status }
  return {
    ...action,
    status,
    error_message: reply.reason ?? 'Blocked by policy',
    timestamp_end: action.timestamp_start,
    duration_ms: 0,
  }
}

/** An outcome with its tokens and cost as they are stored; without a cost it follows the tokens. */
export function countedOutcome(
  action: RecordedAction,
  given: Partial<RecordedAction>,
): Partial<RecordedAction> {
  const { tokens_in: tokensIn, tokens_out: tokensOut, model, cost_estimate: cost } = given
  if ([tokensIn, tokensOut, model, cost].every((each) => each === undefined)) return given
  const known = {
    model: model ?? action.model,
    tokensIn: storedTokens(tokensIn ?? action.tokens_in),
    tokensOut: storedTokens(tokensOut ?? action.tokens_out),
  }
  const before = { model: action.model, tokensIn: action.tokens_in, tokensOut: action.tokens_out }
  const wasTold = action.cost_estimate !== storedCost({ cost: null, ...before })
  const told = cost ?? (wasTold ? action.cost_estimate : null)
  return {
    ...given,
    tokens_in: known.tokensIn,
    tokens_out: known.tokensOut,
    cost_estimate: storedCost({ cost: told, ...known }),
  }
}
