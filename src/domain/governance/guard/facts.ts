import type { Clock } from '../../../base/clock.ts'
import type { ApiLearning } from '../learning/service.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { SemanticVerdict } from '../policies/types.ts'
import type { RecordStore } from '../records/service.ts'
import { MINUTE } from '../times.ts'
import type { GuardFacts } from './service.ts'

/** Every policy that asks a model hears that there is none. */
const NO_MODEL: ReadonlyMap<string, SemanticVerdict> = new (class extends Map<
  string,
  SemanticVerdict
> {
  override get(): SemanticVerdict {
    return { kind: 'not-configured' }
  }
})()

/** What is known of agents of the API when they ask. */
export function apiFacts({
  actions,
  records,
  learning,
  clock,
}: {
  actions: LedgerReader
  records: RecordStore
  learning: ApiLearning
  clock: Clock
}): GuardFacts {
  return {
    policyFacts: (org, { agentId }) => ({
      actionsWithin: (minutes) =>
        actions.count(org, {
          agent: agentId ?? undefined,
          from: clock.now() - minutes * MINUTE,
        }),
      permissionLevel: permissionOf(records, org, agentId),
      similarity: { kind: 'no-provider' },
      semantic: NO_MODEL,
    }),
    learned: (org, { agentId, actionType }) => learning.forGuard(org, agentId, actionType),
    webhooks: async () => [],
  }
}

/** The level that the agent's latest approved pairing has; null for none. */
function permissionOf(records: RecordStore, org: string, agentId: string | null): string | null {
  if (agentId === null) return null
  const [pairing] = records.find<{ permission_level?: string | null }>(org, 'pairing', {
    agent: agentId,
    status: 'approved',
    limit: 1,
  })
  return pairing?.permission_level ?? null
}
