import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Agent } from '../agents/types.ts'
import type { Approval } from '../approvals/types.ts'
import type { EgressGrant, HostTally, HostUse, RefusalCode } from './types.ts'

const events = {
  /** What agents sent since the last such event, by host. */
  'egress.sent': body<{ hosts: HostTally[] }>(),
  /** Something did not go out. `target` is '' for what could not be read. */
  'egress.refused': body<{
    target: string
    host: string
    port: number
    code: RefusalCode
    reason: string
  }>(),
  /** What a person allowed once is used by a flow. */
  'egress.used': body<{ id: string }>(),
  /** What a person allowed once is taken back. */
  'egress.revoked': body<{ id: string }>(),
  /** Flows were ended that were open. */
  'egress.ended': body<{ host: string; count: number; why: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}

const NO_USE = { flows: 0, requests: 0, bytesUp: 0, bytesDown: 0, refused: 0 }

function hostId(agent: string, { host, port }: { host: string; port: number }): string {
  return `${agent} ${host} ${port}`
}

/** Adds to what is known of a host. Another agent of the same name begins at nothing. */
function add(
  { subject: agent, at }: Pick<DeckEvent, 'subject' | 'at'>,
  rows: Rows,
  tally: HostTally,
): void {
  const id = hostId(agent, tally)
  const known = rows.get<HostUse>('egress_host', id)
  const since = rows.get<Agent>('agent', agent)?.createdAt ?? 0
  const before = known !== undefined && known.firstAt >= since ? known : undefined
  const sum = before ?? { ...NO_USE, firstAt: at, decidedBy: '' }
  const use: HostUse = {
    agent,
    host: tally.host,
    port: tally.port,
    flows: sum.flows + tally.flows,
    requests: sum.requests + tally.requests,
    bytesUp: sum.bytesUp + tally.bytesUp,
    bytesDown: sum.bytesDown + tally.bytesDown,
    refused: sum.refused + tally.refused,
    decidedBy: tally.decidedBy === '' ? sum.decidedBy : tally.decidedBy,
    firstAt: sum.firstAt,
    lastAt: at,
  }
  rows.put('egress_host', id, use)
}

/** Where agents sent something, or wanted to, and how much. */
export const egressHostNoun = noun({
  name: 'egress_host',
  columns: {
    agent: { path: 'agent', type: 'TEXT' },
    lastAt: { path: 'lastAt', type: 'INTEGER' },
  },
  indexes: [['lastAt'], ['agent', 'lastAt']],
  events,
  folds: {
    'egress.sent': (event, rows) => {
      for (const tally of event.body.hosts) add(event, rows, tally)
    },
    'egress.refused': (event, rows) => {
      const { host, port, code } = event.body
      if (host === '') return
      add(event, rows, { ...NO_USE, host, port, refused: 1, decidedBy: `refused: ${code}` })
    },
  },
  brief: 'unchecked',
  agentOf: ({ agent }: HostUse) => agent,
})

/** Approvals of flows, as long as they may be used. */
export const egressGrantNoun = noun({
  name: 'egress_grant',
  columns: {
    state: { path: 'state', type: 'TEXT' },
    at: { path: 'at', type: 'INTEGER' },
  },
  indexes: [['at']],
  folds: {
    'approval.decided': ({ at, body: { id, state }, actor }, rows) => {
      const approval = rows.get<Approval>('approval', id)
      if (state !== 'allowed' || approval?.action.gate === undefined) return
      const { agent, action } = approval
      const grant: EgressGrant = { id, agent, target: action.target, by: actor, at, state: 'open' }
      rows.put('egress_grant', id, grant)
    },
    'egress.used': ({ body: { id } }, rows) => change(rows, id, 'used'),
    'egress.revoked': ({ body: { id } }, rows) => change(rows, id, 'revoked'),
  },
  agentOf: ({ agent }: EgressGrant) => agent,
})

function change(rows: Rows, id: string, state: EgressGrant['state']): void {
  const grant = rows.get<EgressGrant>('egress_grant', id)
  if (grant !== undefined && grant.state !== 'revoked')
    rows.put('egress_grant', id, { ...grant, state })
}
