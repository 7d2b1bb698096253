import { lockedAskers, type Askers } from '../../domain/approvals/askers.ts'
import { apiAskers } from '../../domain/governance/agents/askers.ts'
import { isApiAgent } from '../../domain/governance/agents/rules.ts'
import type { DeckRecord } from './record.ts'

/** Who asks: agents with a lock, and those of the governance API. */
export function composeAskers(record: DeckRecord, boundsOf: Askers['boundsOf']): Askers {
  const locked = lockedAskers(record.journal, boundsOf)
  const outside = apiAskers(record)
  const of = (agent: string) => (isApiAgent(agent) ? outside : locked)
  return {
    boundsOf: (agent) => of(agent).boundsOf(agent),
    riskOf: (agent, action) => of(agent).riskOf(agent, action),
    waiting: (agent) => of(agent).waiting(agent),
    since: (agent) => of(agent).since(agent),
    templateOf: (agent) => of(agent).templateOf(agent),
  }
}
