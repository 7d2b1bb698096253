import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { ApiAgent, ApiPresence } from './types.ts'

const events = {
  'api_agent.seen': body<{ org: string; id: string; label: string | null }>(),
  'api_agent.beat': body<Omit<ApiPresence, 'at'> & { label: string | null }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    api_agent: ApiAgent
  }
}

/** When an agent was heard last, as far as its row says. */
const HEARD = "max(row ->> 'firstSeenAt', coalesce(row ->> '$.presence.at', 0))"
/** Consoles begin with so many agents, those that were heard last. */
const AGENTS_MIRRORED = 1000

/** Agents that ask over the governance API. */
export const apiAgentNoun = noun({
  name: 'api_agent',
  columns: { org: { path: 'org', type: 'TEXT' } },
  indexes: [['org']],
  events,
  folds: {
    'api_agent.seen': ({ at, subject, body: { org, id, label } }, rows) => {
      if (rows.get('api_agent', subject) !== undefined) return
      const agent: ApiAgent = {
        name: subject,
        org,
        id,
        label,
        firstSeenAt: at,
        presence: null,
      }
      rows.put('api_agent', subject, agent)
    },
    'api_agent.beat': ({ at, subject, body: { label, ...presence } }, rows) => {
      const agent = rows.get<ApiAgent>('api_agent', subject)
      if (agent === undefined) return
      const changed: ApiAgent = {
        ...agent,
        label: label ?? agent.label,
        presence: { ...presence, at },
      }
      rows.put('api_agent', subject, changed)
    },
  },
  mirror: [`ORDER BY ${HEARD} DESC LIMIT ${AGENTS_MIRRORED}`],
  agentOf: ({ name }: ApiAgent) => name,
})
