import type { ApiServices } from '../../commands/api/services.ts'
import type { Clock } from '../../base/clock.ts'
import { apiFacts } from '../../domain/governance/guard/facts.ts'
import { ReadyPolicies } from '../../domain/governance/guard/policies.ts'
import { ApiGuard } from '../../domain/governance/guard/service.ts'
import { LedgerReader } from '../../domain/governance/ledger/read.ts'
import { Ledger } from '../../domain/governance/ledger/service.ts'
import { ActionWaits } from '../../domain/governance/ledger/waits.ts'
import { RecordStore } from '../../domain/governance/records/service.ts'
import { ApiStream } from '../../domain/governance/stream/stream.ts'
import type { ComposedDeck } from './deck.ts'

/** What the endpoints of the governance API run on. Its code is loaded when the API is opened. */
export function composeGovernance(
  { services, record, guardService }: ComposedDeck,
  { clock, baseUrl }: { clock: Clock; baseUrl: () => string },
): { api: ApiServices; parts: DisposableStack } {
  const { journal, store } = record
  const parts = new DisposableStack()
  const records = new RecordStore({ journal, store, clock })
  const actions = new LedgerReader({ journal, store })
  const guard = new ApiGuard({
    guard: guardService,
    records,
    clock,
    policies: parts.use(new ReadyPolicies(records, journal)),
    facts: apiFacts({ actions, records, clock }),
  })
  const ledger = new Ledger({
    journal,
    clock,
    guard,
    evidence: guardService,
    approvals: services.approvals,
  })
  const stream = parts.use(new ApiStream({ journal, store, clock }))
  const waits = parts.use(new ActionWaits({ journal, clock }))
  const { orgs } = services
  return {
    api: { clock, records, ledger, actions, guard, orgs, stream, waits, baseUrl },
    parts,
  }
}
