import type { Clock } from '../../base/clock.ts'
import type { Settings } from '../../config/settings.ts'
import type { CheckSecret } from '../../domain/governance/guard/check-secret.ts'
import { apiFacts } from '../../domain/governance/guard/facts.ts'
import { ReadyPolicies } from '../../domain/governance/guard/policies.ts'
import { ApiGuard } from '../../domain/governance/guard/service.ts'
import { webhookChecks } from '../../domain/governance/guard/webhook-checks.ts'
import { riskHistory } from '../../domain/governance/guard/history.ts'
import type { ApiLearning } from '../../domain/governance/learning/service.ts'
import { Admission } from '../../domain/governance/ledger/admission.ts'
import type { LedgerReader } from '../../domain/governance/ledger/read.ts'
import { Ledger } from '../../domain/governance/ledger/service.ts'
import type { RecordStore } from '../../domain/governance/records/service.ts'
import type { Outbound } from '../../ports/outbound.ts'
import type { ComposedDeck } from './deck.ts'

interface LedgerContext {
  settings: Settings['api']
  clock: Clock
  records: RecordStore
  actions: LedgerReader
  learning: ApiLearning
  outbound: () => Promise<Outbound>
  secret: CheckSecret
}

/** The guard of the API, and the ledger of what it lets through. */
export function composeLedger(
  { services, record, guardService }: ComposedDeck,
  { settings, clock, records, actions, learning, outbound, secret }: LedgerContext,
  parts: AsyncDisposableStack,
): { guard: ApiGuard; admission: Admission; ledger: Ledger } {
  const { journal } = record
  const closed = new AbortController()
  parts.defer(() => closed.abort())
  const guard = new ApiGuard({
    guard: guardService,
    records,
    clock,
    policies: parts.use(new ReadyPolicies(records, journal)),
    facts: apiFacts({ actions, records, clock }),
    askWebhooks: webhookChecks({ outbound, secret, clock, signal: closed.signal }),
    scanInjection: settings.scanInjection,
    historyOf: settings.riskFromHistory ? riskHistory({ records, actions, clock }) : undefined,
    learned: (org, { agentId, actionType }) => learning.forGuard(org, agentId, actionType),
  })
  const admission = new Admission({
    records,
    actions,
    clock,
    isClosed: settings.closedEnrolment,
    perMonth: settings.actionsPerMonth,
  })
  const ledger = new Ledger({
    journal,
    clock,
    guard,
    evidence: guardService,
    approvals: services.approvals,
    outcomes: learning,
    records,
    admission,
  })
  return { guard, admission, ledger }
}
