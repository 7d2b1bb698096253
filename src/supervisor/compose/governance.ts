import type { ApiServices } from '../../commands/api/services.ts'
import type { Clock } from '../../base/clock.ts'
import type { Home } from '../../config/home.ts'
import type { Settings } from '../../config/settings.ts'
import { ActivityReader } from '../../domain/governance/activity/read.ts'
import { checkSecret } from '../../domain/governance/guard/check-secret.ts'
import { apiFacts } from '../../domain/governance/guard/facts.ts'
import { riskHistory } from '../../domain/governance/guard/history.ts'
import { ReadyPolicies } from '../../domain/governance/guard/policies.ts'
import { ApiGuard } from '../../domain/governance/guard/service.ts'
import { DriftWatch } from '../../domain/governance/drift/service.ts'
import { Evaluations } from '../../domain/governance/evaluations/service.ts'
import { ApiLearning } from '../../domain/governance/learning/service.ts'
import { Identities } from '../../domain/governance/identities/service.ts'
import { Admission } from '../../domain/governance/ledger/admission.ts'
import { LedgerDesk } from '../../domain/governance/ledger/desk.ts'
import { LedgerReader } from '../../domain/governance/ledger/read.ts'
import { Ledger } from '../../domain/governance/ledger/service.ts'
import { ActionWaits } from '../../domain/governance/ledger/waits.ts'
import { webhookChecks } from '../../domain/governance/guard/webhook-checks.ts'
import { ApiPolicies } from '../../domain/governance/policies/service.ts'
import { AttachmentFiles } from '../../domain/governance/messages/attachments.ts'
import { MailReader } from '../../domain/governance/messages/read.ts'
import { Mail } from '../../domain/governance/messages/service.ts'
import { TaskRouter } from '../../domain/governance/routing/service.ts'
import { RecordStore } from '../../domain/governance/records/service.ts'
import { ApiStream } from '../../domain/governance/stream/stream.ts'
import { composeCompliance } from './compliance.ts'
import { apiWebhooks } from './api-webhooks.ts'
import type { Store } from '../../store/open.ts'
import type { ComposedDeck } from './deck.ts'
import { lazyOutbound } from './outbound.ts'

interface GovernanceContext {
  clock: Clock
  home: Pick<Home, 'secrets' | 'attachments' | 'apiDeliveries' | 'apiAttempts'>
  log: (what: string) => void
  settings: Pick<Settings, 'api'>
  baseUrl: () => string
}

/** What the endpoints of the governance API run on. Its code is loaded when the API is opened. */
export function composeGovernance(
  { services, record, guardService }: ComposedDeck,
  { clock, baseUrl, home, settings, log }: GovernanceContext,
): { api: ApiServices; parts: AsyncDisposableStack } {
  const { journal, store } = record
  const parts = new AsyncDisposableStack()
  const { orgs } = services
  const records = new RecordStore({ journal, store, clock })
  const actions = new LedgerReader({ journal, store })
  const { historyOf, ...learned } = composeLearned({ records, actions, clock }, settings)
  const outbound = lazyOutbound(settings.api, 'api')
  const secret = checkSecret(home.secrets)
  const closed = new AbortController()
  parts.defer(() => closed.abort())
  const guard = new ApiGuard({
    guard: guardService,
    records,
    clock,
    policies: parts.use(new ReadyPolicies(records, journal)),
    facts: apiFacts({ actions, records, clock }),
    askWebhooks: webhookChecks({ outbound, secret, clock, signal: closed.signal }),
    scanInjection: settings.api.scanInjection,
    historyOf,
    learned: (org, asked) => learned.learning.forGuard(org, asked.agentId, asked.actionType),
  })
  const admission = new Admission({
    records,
    actions,
    clock,
    isClosed: settings.api.closedEnrolment,
    perMonth: settings.api.actionsPerMonth,
  })
  const ledger = new Ledger({
    journal,
    clock,
    guard,
    evidence: guardService,
    approvals: services.approvals,
    outcomes: learned.learning,
    records,
    admission,
  })
  const stream = parts.use(new ApiStream({ journal, store, clock }))
  const waits = parts.use(new ActionWaits({ journal, clock }))
  const policies = new ApiPolicies({ records, outbound })
  const identities = new Identities({ records, clock, demand: settings.api.signatures })
  const mail = composeMail(home, { records, store })
  const webhooks = parts.use(
    apiWebhooks(record, { home, clock, baseUrl, log, records, outbound, orgs }),
  )
  const judged = { guard, ...learned, identities }
  const routing = parts.use(TaskRouter.started({ records, clock, outbound, orgs }))
  const desk = new LedgerDesk({ actions, records, orgs })
  const activity = new ActivityReader({ journal, store })
  const told = {
    activity,
    mail,
    webhooks,
    routing,
    stream,
    waits,
    desk,
    baseUrl,
    checkSecret: secret,
  }
  const kept = { records, actions, policies, orgs }
  const compliance = composeCompliance({ ...kept, journal, clock, log }, parts)
  return { api: { clock, ledger, admission, ...kept, ...judged, ...told, ...compliance }, parts }
}

/** What learns from actions, and judges them. */
function composeLearned(
  read: { records: RecordStore; actions: LedgerReader; clock: Clock },
  { api: { riskFromHistory } }: GovernanceContext['settings'],
) {
  return {
    learning: new ApiLearning(read),
    drift: new DriftWatch(read),
    evaluations: new Evaluations(read),
    historyOf: riskFromHistory ? riskHistory(read) : undefined,
  }
}

function composeMail(
  { attachments }: Pick<Home, 'attachments'>,
  { records, store }: { records: RecordStore; store: Store },
): Mail {
  return new Mail({
    records,
    reader: new MailReader(store),
    files: new AttachmentFiles(attachments),
  })
}
