import { graphOf } from '../../../../domain/governance/actions/graph.ts'
import { traceOf } from '../../../../domain/governance/actions/trace.ts'
import { surroundingsOf } from '../../../../domain/governance/ledger/surroundings.ts'
import { fields, text } from '../../inputs.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'

const Named = () => fields({ id: text(128) })

/** What led to an action, and what hangs on it. */
export const traceEndpoints: readonly Endpoint[] = [
  endpoint('GET /actions/:id/trace', {
    about: 'What led to an action, what it rests on, and hints at why it failed.',
    input: Named,
    run: (api, { id }, { tenant: { org } }) => {
      const action = api.ledger.get(org, id)
      return { action, trace: traceOf(surroundingsOf(api, org, action)) }
    },
  }),
  endpoint('GET /actions/:id/graph', {
    about: 'The same as nodes and edges.',
    input: Named,
    run: (api, { id }, { tenant: { org } }) =>
      graphOf(surroundingsOf(api, org, api.ledger.get(org, id))),
  }),
]
