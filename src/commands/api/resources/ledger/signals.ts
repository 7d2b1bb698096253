import { signalCounts } from '../../../../domain/governance/signals/rules.ts'
import { AgentId, fields } from '../../inputs.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'

/** Two addresses show signals. */
const signalsAt = (call: `GET ${string}`) =>
  endpoint(call, {
    about: 'Conditions that people should look at, as they are now: red before amber.',
    input: () => fields({ agent_id: AgentId.optional() }),
    run: ({ signals, clock }, { agent_id: agent }, { tenant: { org } }) => {
      const live = signals.live(org, agent)
      return {
        signals: live,
        counts: signalCounts(live),
        lastUpdated: new Date(clock.now()).toISOString(),
      }
    },
  })

export const signalEndpoints: readonly Endpoint[] = [
  signalsAt('GET /actions/signals'),
  signalsAt('GET /signals'),
]
