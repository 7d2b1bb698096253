import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { EffectiveBounds } from '../../agents/types.ts'
import type { Askers } from '../../approvals/askers.ts'
import type { Action, Risk } from '../../policy/types.ts'
import { actionRisk, NO_HISTORY, withHistory, type HistoryOf } from '../actions/risk.ts'
import { API_BOUNDS, API_TEMPLATE, isApiAgent } from './rules.ts'
import type { ApiAgent } from './types.ts'

type BoundsOf = (agent: string) => Promise<EffectiveBounds | undefined>

/** Reads what bounds an agent: one of the API, if it ever asked, or as `others` knows it. */
export function apiBoundsOr(others: BoundsOf, { rows }: Pick<Journal, 'rows'>): BoundsOf {
  return async (agent) => {
    if (!isApiAgent(agent)) return others(agent)
    if (rows.get('api_agent', agent) === undefined) return undefined
    return { template: API_TEMPLATE, bounds: API_BOUNDS, gone: false }
  }
}

/** Agents of the governance API, as the guard knows them. */
export function apiAskers({
  journal,
  store,
  historyOf,
}: {
  journal: Journal
  store: Store
  /** Given if history counts. */
  historyOf?: HistoryOf | undefined
}): Askers {
  const waiting = store
    .prepare<[string], number>(
      "SELECT count(*) FROM approval WHERE state = 'pending' AND agent = ?",
    )
    .pluck()
  return {
    boundsOf: () => ({ template: API_TEMPLATE, bounds: API_BOUNDS }),
    riskOf: (name, action) => {
      const risk = apiRisk(action)
      if (historyOf === undefined) return risk
      const agent = journal.rows.get<ApiAgent>('api_agent', name)
      const history =
        agent === undefined ? NO_HISTORY : historyOf(agent.org, agent.id, typeOf(action))
      return withHistory(risk, history)
    },
    waiting: (agent) => waiting.get(agent) ?? 0,
    since: (agent) => journal.rows.get<ApiAgent>('api_agent', agent)?.firstSeenAt,
    templateOf: (agent) =>
      journal.rows.get('api_agent', agent) === undefined ? undefined : API_TEMPLATE,
  }
}

/**
 * The risk of an action of the API: by its own type, whatever it is called in the deck, and by its
 * target, which is the goal, or what an operator made of it.
 */
function apiRisk({ type, target, goal, systems, reversible, claimedRisk, extra }: Action): Risk {
  const actionType = typeOf({ type, extra })
  const isGoal = goal !== '' || target !== actionType
  return actionRisk({
    actionType,
    declaredGoal: isGoal ? target : '',
    systemsTouched: systems,
    reversible,
    claimedRisk,
  })
}

/** The type of an action as its agent named it. */
function typeOf({ type, extra: { action_type: given } }: Pick<Action, 'type' | 'extra'>): string {
  return typeof given === 'string' ? given : type
}
