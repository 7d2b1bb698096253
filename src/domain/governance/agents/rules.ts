import type { GuardBounds } from '../../templates/types.ts'
import { PODS_ORG } from '../orgs/rules.ts'

/** Above this risk a person is asked, unless a policy says otherwise. */
const MOST_UNASKED = 69

/** What stands for a template in policies and learned rules of such agents. */
export const API_TEMPLATE = 'api'

/**
 * No template bounds an agent of the API: what nothing stricter asks or blocks is allowed up to a
 * risk.
 */
export const API_BOUNDS: GuardBounds = {
  types: ['*'],
  block: [],
  ask: [],
  allow: [{ type: '*', target: '*', reason: 'an agent of the API' }],
  maxAutoRisk: MOST_UNASKED,
}

/**
 * The name of an agent in the deck: `scout@default`. No agent with a pod has such a name, and no
 * two organisations share one. Agents in pods keep theirs: only their own doors speak for them.
 */
export function apiAgentName(slug: string, agentId: string): string {
  return slug === PODS_ORG.slug ? agentId : `${agentId}@${slug}`
}

/** Whether a name is that of an agent of the API. */
export function isApiAgent(name: string): boolean {
  return name.includes('@')
}
