import type { JsonRecord } from './route.ts'
import type { ActionRecommendation, AdaptedAction } from '../routes/learning.ts'
import type { GuardAnswer } from '../routes/rows.ts'
import { guardContextOf, type ClientSettings } from './options.ts'

/** What recommending needs of the client. */
export interface RecommendationSource {
  getRecommendations(filter: {
    action_type: string
    limit: number
  }): Promise<{ recommendations?: ActionRecommendation[] }>
  recordRecommendationEvents(event: JsonRecord): Promise<unknown>
  guard(context: JsonRecord): Promise<GuardAnswer>
}

/**
 * The best recommendation for an action, and the action as it would have it. Only lowers risk and
 * raises confidence.
 */
export async function recommendFor(
  client: RecommendationSource,
  action: JsonRecord,
): Promise<AdaptedAction> {
  const { action_type: type } = action
  const none = { action, recommendation: null, adapted_fields: [] }
  if (typeof type !== 'string' || type === '') return none
  const { recommendations } = await client.getRecommendations({ action_type: type, limit: 1 })
  const recommendation = recommendations?.[0]
  if (recommendation === undefined) return none
  const changes = changesOf(action, recommendation)
  return {
    action: { ...action, ...changes },
    recommendation,
    adapted_fields: Object.keys(changes),
  }
}

function changesOf(action: JsonRecord, { hints }: ActionRecommendation): JsonRecord {
  const { risk_score: risk, reversible, confidence } = action
  const {
    preferred_risk_cap: cap,
    prefer_reversible: prefer,
    confidence_floor: floor,
  } = hints ?? {}
  const changes: JsonRecord = {}
  if (typeof cap === 'number' && !(typeof risk === 'number' && risk <= cap))
    changes['risk_score'] = cap
  if (prefer === true && typeof reversible !== 'boolean') changes['reversible'] = true
  if (typeof floor === 'number' && !(typeof confidence === 'number' && confidence >= floor))
    changes['confidence'] = floor
  return changes
}

/**
 * The action that `autoRecommend` lets through, marked with the recommendation and why it was not
 * followed.
 */
export async function recommendedAction(
  client: RecommendationSource,
  settings: ClientSettings,
  action: JsonRecord,
): Promise<JsonRecord> {
  if (settings.autoRecommend === 'off') return action
  const result = await attempt(() => recommendFor(client, action), settings, 'recommendations')
  if (result === undefined) return action
  quietly(() => settings.recommendationCallback(result))
  const { recommendation } = result
  if (recommendation === null) return action
  const reason = await reasonAgainst(client, settings, result)
  const details = {
    action_type: action['action_type'],
    ...(reason === undefined
      ? { adapted_fields: result.adapted_fields, confidence: recommendation.confidence }
      : { reason }),
  }
  // Counting must not stop an action.
  await client
    .recordRecommendationEvents({
      recommendation_id: recommendation.id,
      event_type: reason === undefined ? 'applied' : 'overridden',
      agent_id: action['agent_id'] ?? settings.agentId,
      details,
    })
    .catch(() => undefined)
  const mark = {
    recommendation_id: recommendation.id,
    recommendation_applied: reason === undefined,
  }
  return reason === undefined
    ? { ...result.action, ...mark }
    : { ...action, ...mark, recommendation_override_reason: reason }
}

/** Why a recommendation is not followed; nothing if it is. */
async function reasonAgainst(
  client: RecommendationSource,
  settings: ClientSettings,
  { recommendation, action }: AdaptedAction,
): Promise<string | undefined> {
  const confidence = Number(recommendation?.confidence ?? 0)
  const least = settings.recommendationConfidenceMin
  if (!(confidence >= least)) return `confidence_below_threshold:${confidence}<${least}`
  const ask = (): Promise<GuardAnswer> => client.guard(guardContextOf(action))
  const decision = (await attempt(ask, settings, 'the guard'))?.decision
  if (decision === 'block' || decision === 'require_approval')
    return `guard_restrictive:${decision}`
  return settings.autoRecommend === 'warn' ? 'warn_mode_no_autoadapt' : undefined
}

/** Advice that cannot be had is no reason to stop: the server decides on the action in any case. */
async function attempt<T>(
  ask: () => Promise<T>,
  { warn }: ClientSettings,
  whom: string,
): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    warn(`[clawdeck] No answer from ${whom}, going on without: ${(error as Error).message}`)
    return undefined
  }
}

/** A callback of the user must not stop an action. */
export function quietly(run: () => void): void {
  try {
    run()
  } catch {
    // It is theirs to report.
  }
}
