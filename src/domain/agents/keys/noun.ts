import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import type { AgentKey, SigningKey } from './types.ts'

interface NewKey {
  id: string
  key: SigningKey
  fingerprint: string
}

const events = {
  'agent_key.requested': body<NewKey & { expiresAt: number }>(),
  /** A key that was asked for, or that came another way. */
  'agent_key.trusted': body<NewKey>(),
  'agent_key.refused': body<{ id: string }>(),
  'agent_key.expired': body<{ id: string }>(),
  'agent_key.revoked': body<{ id: string }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    agent_key: AgentKey
  }
}

function change(rows: Rows, id: string, part: Partial<AgentKey>): void {
  const key = rows.get<AgentKey>('agent_key', id)
  if (key !== undefined) rows.put('agent_key', id, { ...key, ...part })
}

/** The keys of agents outside of pods. The subject of each event is the agent. */
export const agentKeyNoun = noun({
  name: 'agent_key',
  columns: { state: { path: 'state', type: 'TEXT' } },
  indexes: [['state']],
  events,
  folds: {
    'agent_key.requested': ({ at, subject, body: { id, key, fingerprint, expiresAt } }, rows) => {
      const row = { id, agent: subject, key, fingerprint, requestedAt: at, expiresAt }
      rows.put('agent_key', id, { ...row, state: 'requested', decidedBy: '' } satisfies AgentKey)
    },
    'agent_key.trusted': ({ at, actor, subject, body: { id, key, fingerprint } }, rows) => {
      const before = rows.get<AgentKey>('agent_key', id)
      rows.put('agent_key', id, {
        id,
        agent: subject,
        key,
        fingerprint,
        state: 'trusted',
        requestedAt: before?.requestedAt ?? at,
        expiresAt: null,
        decidedBy: actor,
      } satisfies AgentKey)
    },
    'agent_key.refused': ({ actor, body: { id } }, rows) =>
      change(rows, id, { state: 'refused', decidedBy: actor }),
    'agent_key.expired': ({ body: { id } }, rows) => change(rows, id, { state: 'expired' }),
    'agent_key.revoked': ({ actor, body: { id } }, rows) =>
      change(rows, id, { state: 'revoked', decidedBy: actor }),
  },
  grants: (here, expected) => isTrusted(here) && !isTrusted(expected),
  mirror: ["WHERE state IN ('requested', 'trusted')"],
  agentOf: ({ agent }: AgentKey) => agent,
})

function isTrusted(row: object | undefined): boolean {
  return (row as Partial<AgentKey> | undefined)?.state === 'trusted'
}
