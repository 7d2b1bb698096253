import type { Journal } from '../../journal/journal.ts'
import type { Agent, AgentBounds } from '../agents/types.ts'
import { assessRisk } from '../policy/risk/risk.ts'
import type { Action, Risk } from '../policy/types.ts'

/** What is known of those who ask: agents with a lock, and agents of the governance API. */
export interface Askers {
  /** The verified bounds of an agent, or why it has none. */
  boundsOf: (agent: string) => AgentBounds | { refusal: string }
  riskOf: (agent: string, action: Action) => Risk
  /** How many of its approvals wait. */
  waiting: (agent: string) => number
  /** Since when the name is this agent's, in Unix milliseconds; undefined for nobody's. */
  since: (agent: string) => number | undefined
  /** Undefined for an agent that is gone. */
  templateOf: (agent: string) => string | undefined
}

/** Agents with a lock. */
export function lockedAskers(
  { rows }: Pick<Journal, 'rows'>,
  boundsOf: Askers['boundsOf'],
): Askers {
  const row = (agent: string) => rows.get<Agent>('agent', agent)
  return {
    boundsOf,
    riskOf: (_agent, action) => assessRisk(action),
    waiting: (agent) => row(agent)?.asking ?? 0,
    since: (agent) => row(agent)?.createdAt,
    templateOf: (agent) => row(agent)?.template,
  }
}
