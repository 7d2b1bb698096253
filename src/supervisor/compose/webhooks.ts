import { join } from 'node:path'
import { webhookSecrets } from '../../domain/webhooks/secrets.ts'
import { Webhooks } from '../../domain/webhooks/service.ts'
import type { DeckContext } from './context.ts'
import { lazyOutbound } from './outbound.ts'
import type { DeckRecord } from './record.ts'

/** Webhooks. What sends is loaded with the first of them that has something to send. */
export async function composeWebhooks(
  { home, settings, key, clock, log, parts }: DeckContext,
  { journal, store, read }: DeckRecord,
): Promise<Webhooks> {
  const webhooks = new Webhooks({
    journal,
    store,
    read,
    clock,
    queueFile: home.deliveries,
    secrets: webhookSecrets(join(home.secrets, 'webhooks')),
    outbound: lazyOutbound(settings.webhooks, 'webhooks'),
    deck: key.keyId,
    random: Math.random,
    problem: log,
  })
  await webhooks.start()
  return parts.use(webhooks)
}
