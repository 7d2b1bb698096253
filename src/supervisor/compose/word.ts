import type { OperatorAccess } from '../../domain/operators/types.ts'
import { composeAlerts } from './alerts.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'
import { composeWebhooks } from './webhooks.ts'

/** What is sent to people and programs that do not look at the deck. */
export async function composeWord(
  context: DeckContext,
  record: DeckRecord,
  from: { operators: Pick<OperatorAccess, 'rows'>; served: Promise<void> },
) {
  const webhooks = await composeWebhooks(context, record)
  return { webhooks, alerts: composeAlerts(context, record, { ...from, webhooks }) }
}
