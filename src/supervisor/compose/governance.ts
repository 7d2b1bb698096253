import type { ApiServices } from '../../commands/api/services.ts'
import type { Clock } from '../../base/clock.ts'
import type { Home } from '../../config/home.ts'
import type { Settings } from '../../config/settings.ts'
import { ActivityReader } from '../../domain/governance/activity/read.ts'
import { checkSecret } from '../../domain/governance/guard/check-secret.ts'
import { DriftWatch } from '../../domain/governance/drift/service.ts'
import { Evaluations } from '../../domain/governance/evaluations/service.ts'
import { ApiLearning } from '../../domain/governance/learning/service.ts'
import { Identities } from '../../domain/governance/identities/service.ts'
import { LedgerDesk } from '../../domain/governance/ledger/desk.ts'
import { LedgerReader } from '../../domain/governance/ledger/read.ts'
import { ActionWaits } from '../../domain/governance/ledger/waits.ts'
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
import { composeSignals } from './signals.ts'
import type { ComposedDeck } from './deck.ts'
import { composeLedger } from './ledger.ts'
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
  deck: ComposedDeck,
  { clock, baseUrl, home, settings, log }: GovernanceContext,
): { api: ApiServices; parts: AsyncDisposableStack } {
  const { services, record } = deck
  const { journal, store } = record
  const parts = new AsyncDisposableStack()
  const { orgs } = services
  const records = new RecordStore({ journal, store, clock })
  const actions = new LedgerReader({ journal, store })
  const learning = new ApiLearning({ records, clock })
  const outbound = lazyOutbound(settings.api, 'api')
  const secret = checkSecret(home.secrets)
  const base = { settings: settings.api, clock, records, actions, learning, outbound, secret }
  const { guard, admission, ledger } = composeLedger(deck, base, parts)
  const stream = parts.use(new ApiStream({ journal, store, clock }))
  const waits = parts.use(new ActionWaits({ journal, clock }))
  const drift = new DriftWatch({ records, actions, clock })
  const evaluations = new Evaluations({ records, actions })
  const policies = new ApiPolicies({ records, outbound })
  const identities = new Identities({ records, clock, demand: settings.api.signatures })
  const mail = composeMail(home, { records, store })
  const webhooks = parts.use(
    apiWebhooks(record, { home, clock, baseUrl, log, records, outbound, orgs: services.orgs }),
  )
  const judged = { guard, policies, learning, drift, evaluations, identities }
  const routing = parts.use(TaskRouter.started({ records, clock, outbound, orgs }))
  const desk = new LedgerDesk({ journal, store, actions, records, orgs })
  const activity = new ActivityReader({ journal, store })
  const told = { activity, mail, webhooks, routing, stream, waits, desk }
  const kept = { records, actions, policies, orgs }
  const compliance = composeCompliance({ ...kept, journal, clock, log }, parts)
  const seen = composeSignals(
    record,
    { records, actions, orgs, clock, board: services.signalBoard },
    parts,
  )
  const given = { clock, baseUrl, checkSecret: secret }
  return {
    api: { ...given, ledger, admission, ...kept, ...judged, ...seen, ...told, ...compliance },
    parts,
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
