import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { Webhook } from './types.ts'

const events = {
  'webhook.added': body<Pick<Webhook, 'id' | 'ref' | 'origin' | 'events' | 'agents'>>(),
  'webhook.removed': body<{ id: string }>(),
  'webhook.failing': body<{ id: string; why: string }>(),
  'webhook.recovered': body<{ id: string }>(),
  'webhook.dead_lettered': body<{
    id: string
    delivery: string
    event: number
    attempts: number
    why: string
  }>(),
  /** `delivery`: the one that was asked for; null for all that were given up. */
  'webhook.replayed': body<{ id: string; delivery: string | null; wasDead: boolean }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    webhook: Webhook
  }
}

function change(rows: Rows, id: string, to: (webhook: Webhook) => Partial<Webhook>): void {
  const webhook = rows.get<Webhook>('webhook', id)
  if (webhook !== undefined) rows.put('webhook', id, { ...webhook, ...to(webhook) })
}

/** Where events are sent to. */
export const webhookNoun = noun({
  name: 'webhook',
  events,
  folds: {
    'webhook.added': ({ seq, at, actor, body: added }, rows) =>
      rows.put('webhook', added.id, {
        ...added,
        addedAt: at,
        addedBy: actor,
        after: seq,
        failingSince: null,
        why: '',
        dead: 0,
      } satisfies Webhook),
    'webhook.removed': ({ body: { id } }, rows) => rows.drop('webhook', id),
    'webhook.failing': ({ at, body: { id, why } }, rows) =>
      change(rows, id, () => ({ failingSince: at, why })),
    'webhook.recovered': ({ body: { id } }, rows) =>
      change(rows, id, () => ({ failingSince: null, why: '' })),
    'webhook.dead_lettered': ({ body: { id } }, rows) =>
      change(rows, id, ({ dead }) => ({ dead: dead + 1 })),
    'webhook.replayed': ({ body: { id, delivery, wasDead } }, rows) =>
      change(rows, id, ({ dead }) => ({
        dead: delivery === null ? 0 : Math.max(0, dead - Number(wasDead)),
      })),
  },
  mirror: ['ORDER BY id'],
})
