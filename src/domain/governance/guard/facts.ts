import type { Clock } from '../../../base/clock.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { PolicyFacts, SemanticVerdict } from '../policies/types.ts'
import type { RecordStore } from '../records/service.ts'
import { MINUTE } from '../times.ts'
import type { ApiQuestion } from './question.ts'

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
  clock,
}: {
  actions: LedgerReader
  records: RecordStore
  clock: Clock
}): (org: string, question: ApiQuestion) => PolicyFacts {
  return (org, { agentId }) => ({
    actionsWithin: (minutes, most) =>
      actions.recordedSince(org, agentId ?? '', { since: clock.now() - minutes * MINUTE, most }),
    get permissionLevel() {
      return permissionOf(records, org, agentId)
    },
    similarity: { kind: 'no-provider' },
    semantic: NO_MODEL,
  })
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
