import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Askers } from '../../approvals/askers.ts'
import type { Action, Risk } from '../../policy/types.ts'
import { actionRisk } from '../actions/risk.ts'
import { API_BOUNDS, API_TEMPLATE } from './rules.ts'
import type { ApiAgent } from './types.ts'

/** Agents of the governance API, as the guard knows them. */
export function apiAskers({ journal, store }: { journal: Journal; store: Store }): Askers {
  const waiting = store
    .prepare<[string], number>(
      "SELECT count(*) FROM approval WHERE state = 'pending' AND agent = ?",
    )
    .pluck()
  return {
    boundsOf: () => ({ template: API_TEMPLATE, bounds: API_BOUNDS }),
    riskOf: (_agent, action) => apiRisk(action),
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
  const { action_type: given } = extra
  const actionType = typeof given === 'string' ? given : type
  const isGoal = goal !== '' || target !== actionType
  return actionRisk({
    actionType,
    declaredGoal: isGoal ? target : '',
    systemsTouched: systems,
    reversible,
    claimedRisk,
  })
}
