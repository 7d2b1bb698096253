import { DAY } from '../../../../domain/governance/times.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import { AgentId, fields, paged, text, Time } from '../../inputs.ts'

const at = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time))

/** Who did what in an organisation. */
export const activityEndpoints: readonly Endpoint[] = [
  endpoint('GET /activity', {
    about:
      'What people and keys decided, set up and changed, the latest first. What agents did is in the ledger.',
    input: () =>
      fields({
        action: text(128).optional(),
        resource_type: text(128).optional(),
        type: text(128).optional(),
        actor_id: text(256).optional(),
        agent_id: AgentId.optional(),
        before: Time.optional(),
        after: Time.optional(),
        ...paged(200, 50),
      }),
    run: ({ activity, clock }, { limit, offset, ...asked }, { tenant }) => {
      const { action, resource_type: resource, type, actor_id: actor, agent_id: agent } = asked
      const [before, after] = [at(asked.before), at(asked.after)]
      const query = { action, resource, type, actor, agent, before, after }
      const now = clock.now()
      return {
        events: activity.list(tenant, query, { limit, offset }),
        stats: activity.stats(tenant, query, now - (now % DAY)),
        pagination: { limit, offset },
      }
    },
  }),
]
