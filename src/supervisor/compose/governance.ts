import type { ApiServices } from '../../commands/api/services.ts'
import type { Clock } from '../../base/clock.ts'
import { apiFacts } from '../../domain/governance/guard/facts.ts'
import { ReadyPolicies } from '../../domain/governance/guard/policies.ts'
import { ApiGuard } from '../../domain/governance/guard/service.ts'
import { DriftWatch } from '../../domain/governance/drift/service.ts'
import { Evaluations } from '../../domain/governance/evaluations/service.ts'
import { ApiLearning } from '../../domain/governance/learning/service.ts'
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
  const learning = new ApiLearning({ records, clock })
  const guard = new ApiGuard({
    guard: guardService,
    records,
    clock,
    policies: parts.use(new ReadyPolicies(records, journal)),
    facts: apiFacts({ actions, records, learning, clock }),
  })
  const ledger = new Ledger({
    journal,
    clock,
    guard,
    evidence: guardService,
    approvals: services.approvals,
    outcomes: learning,
  })
  const stream = parts.use(new ApiStream({ journal, store, clock }))
  const waits = parts.use(new ActionWaits({ journal, clock }))
  const drift = new DriftWatch({ records, actions, clock })
  const evaluations = new Evaluations({ records, actions })
  const judged = { learning, drift, evaluations }
  const told = { stream, waits }
  const { orgs } = services
  return {
    api: { clock, records, ledger, actions, guard, ...judged, ...told, orgs, baseUrl },
    parts,
  }
}
