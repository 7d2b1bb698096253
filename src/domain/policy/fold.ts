import type { Rows } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'

/** How often, and when last, each of the operator's policies took part in an answer. */
export interface PolicyUse {
  uses: number
  lastUsedAt: number
}

export function foldPolicyUse(event: DeckEvent, rows: Rows): void {
  if (event.type !== 'action.decided' && event.type !== 'approval.requested') return
  for (const id of (event as DeckEvent<'action.decided' | 'approval.requested'>).body.policies) {
    const before = rows.get<PolicyUse>('policy_use', id)
    rows.put('policy_use', id, {
      uses: (before?.uses ?? 0) + 1,
      lastUsedAt: event.at,
    } satisfies PolicyUse)
  }
}
