import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Home } from '../../config/home.ts'
import type { OrgService } from '../../domain/governance/orgs/types.ts'
import type { RecordStore } from '../../domain/governance/records/service.ts'
import { ApiWebhooks } from '../../domain/governance/webhooks/service.ts'
import { webhookSecrets } from '../../domain/webhooks/secrets.ts'
import type { Outbound } from '../../ports/outbound.ts'
import type { DeckRecord } from './record.ts'

interface ApiWebhookContext {
  home: Pick<Home, 'secrets' | 'apiDeliveries' | 'apiAttempts'>
  clock: Clock
  records: RecordStore
  orgs: OrgService
  outbound: () => Promise<Outbound>
  baseUrl: () => string
  log: (what: string) => void
}

/** Webhooks of organisations. They deliver once they are started. */
export function apiWebhooks(
  { journal, read }: DeckRecord,
  { home, log, ...context }: ApiWebhookContext,
): ApiWebhooks {
  return new ApiWebhooks({
    ...context,
    journal,
    read,
    secrets: webhookSecrets(join(home.secrets, 'api-webhooks')),
    files: { queue: home.apiDeliveries, log: home.apiAttempts },
    random: Math.random,
    problem: log,
  })
}
