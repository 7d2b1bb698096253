import { age } from '../../../base/text.ts'
import type { GuardBounds } from '../../templates/types.ts'
import { PODS_ORG } from '../orgs/rules.ts'
import { MINUTE } from '../times.ts'
import type { ApiAgent } from './types.ts'

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

/** The bounds of any agent of the API, which has no lock that could be gone. */
export const API_EFFECTIVE = { template: API_TEMPLATE, bounds: API_BOUNDS, gone: false }

/**
 * The name of an agent in the deck: `scout@default`. No agent with a pod has such a name, and no
 * two organisations share one. Agents in pods keep theirs: only their own doors speak for them.
 */
export function apiAgentName(slug: string, agentId: string): string {
  return slug === PODS_ORG.slug ? agentId : `${agentId}@${slug}`
}

/** An agent that was not heard for so long is silent. */
export const SILENT_AFTER_MS = 10 * MINUTE

export type PresenceState = 'online' | 'silent' | 'unknown'

/** Whether an agent is there, by what was heard of it last. */
export interface ShownPresence {
  state: PresenceState
  glyph: string
  /** `online`, `silent for 2 h`. */
  text: string
}

/** `heard`: when it did something last, as far as that is known; in Unix milliseconds. */
export function presenceOf(
  { presence, firstSeenAt }: Pick<ApiAgent, 'presence' | 'firstSeenAt'>,
  now: number,
  heard = 0,
): ShownPresence {
  const at = Math.max(presence?.at ?? 0, heard, presence === null ? firstSeenAt : 0)
  const isHere = now - at < SILENT_AFTER_MS
  if (presence === null && !isHere)
    return { state: 'unknown', glyph: '○', text: 'sends no heartbeat' }
  if (!isHere) return { state: 'silent', glyph: '○', text: `silent for ${age(now - at)}` }
  return { state: 'online', glyph: '●', text: presence === null ? 'active' : presence.status }
}

/** What the deck can and cannot do about an agent of the API. */
export const API_AGENT_LIMITS =
  'it asks through the API: it has no pod here, is not contained, and cannot be stopped from here'

/** Whether a name is that of an agent of the API. */
export function isApiAgent(name: string): boolean {
  return name.includes('@')
}
