import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { PolicyRow } from './types.ts'

const events = {
  'policies.changed': body<{ hash: string; count: number; problem: string | null }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    policy: PolicyRow
  }
}

/** How often, and when last, an operator's policy took part in an answer. */
export interface PolicyUse {
  uses: number
  lastUsedAt: number
}

function used(event: DeckEvent<'action.decided' | 'approval.requested'>, rows: Rows): void {
  for (const id of event.body.policies) {
    const before = rows.get<PolicyUse>('policy_use', id)
    rows.put('policy_use', id, { uses: (before?.uses ?? 0) + 1, lastUsedAt: event.at })
  }
}

/** The operator's policies. Their rows come from `policies.yaml`. */
export const policyNoun = noun({ name: 'policy', table: false, folds: {} })

/** How the operator's policies were used. */
export const policyUseNoun = noun({
  name: 'policy_use',
  events,
  folds: { 'action.decided': used, 'approval.requested': used },
  brief: 'unchecked',
})
