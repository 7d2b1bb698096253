import * as z from 'zod'
import { age, count, plain } from '../../base/text.ts'
import { webhookNoun } from '../../domain/webhooks/noun.ts'
import type { Webhook } from '../../domain/webhooks/types.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, Limit, Nothing, OperatorId } from '../inputs.ts'
import type { Room } from '../room.ts'
import { nounTable } from '../table.ts'

const webhookTable = nounTable('webhook', {
  title: 'Webhooks',
  columns: [
    { title: 'WEBHOOK', cell: ({ id }) => id },
    { title: 'TO', cell: ({ origin }) => origin },
    { title: 'EVENTS', cell: ({ events }) => events.join(', ') },
    { title: 'AGENTS', cell: ({ agents }) => agents?.join(', ') ?? 'all' },
    { title: 'STATE', cell: stateOf },
  ],
  none: 'There are no webhooks. Add one: clawdeck webhooks add ops https://example.com/hook',
})

function stateOf({ failingSince, why, dead }: Webhook, now: number): string {
  const lost = dead === 0 ? '' : `, ${count(dead, 'delivery', 'deliveries')} given up`
  const state =
    failingSince === null ? 'ok' : `failing for ${age(now - failingSince)} (${plain(why, 60)})`
  return `${state}${lost}`
}

const listed = (given: unknown) =>
  typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given

const Pattern = z
  .string()
  .regex(/^[a-z_.*?]{1,64}$/, 'write a type of event such as approval.requested or approval.*')
const Terms = z.strictObject({
  id: OperatorId,
  url: z.string().min(1).max(2000),
  events: z.preprocess(listed, z.array(Pattern).min(1).max(20).default(['approval.*'])),
  agents: z.preprocess(listed, z.array(AgentName).min(1).max(100).nullable().default(null)),
})
const One = z.strictObject({ id: OperatorId })

export const webhooksRoom: Room = {
  nouns: [webhookNoun],
  commands: grouped('Deck', [
    face(
      act({
        id: 'webhook.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.webhooks.list(),
      }),
      {
        title: 'List webhooks',
        about: 'deck',
        help: 'Where events are sent to, and whether they arrive.',
        cli: 'webhooks list',
        example: 'clawdeck webhooks list',
        table: webhookTable,
      },
    ),
    face(
      act({
        id: 'webhook.add',
        needs: 'own',
        audit: 'own',
        input: () => Terms,
        run: (deck, terms, { actor }) => deck.webhooks.add(terms, actor),
      }),
      {
        title: 'Add webhook',
        about: 'deck',
        help: 'Send events to an address, from now on. Each message is JSON, signed in the header clawdeck-signature: t=<seconds>,v1=<hex>, the HMAC-SHA256 by the secret over <seconds>.<body>. An event may come twice, with the same clawdeck-delivery, and not in the order of event.seq. The secret is shown once.',
        cli: 'webhooks add <id> <url>',
        flags: {
          events: { about: 'types of events, separated by commas (approval.*)', value: 'patterns' },
          agents: { about: 'only about these agents, separated by commas', value: 'names' },
        },
        example: 'clawdeck webhooks add ops https://example.com/hook --events approval.requested',
        said: ({ webhook: { id, origin, events }, secret }) =>
          `${plain(id)} sends ${events.join(', ')} to ${plain(origin, 300)}. Its secret, shown only now:\n${secret}`,
      },
    ),
    face(
      act({
        id: 'webhook.rm',
        needs: 'own',
        audit: 'own',
        input: () => One,
        run: (deck, { id }, { actor }) => deck.webhooks.remove(id, actor),
      }),
      {
        title: 'Remove webhook',
        about: 'webhook',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'End a webhook at once. What it has not delivered is dropped.',
        cli: 'webhooks rm <id>',
        example: 'clawdeck webhooks rm ops',
        said: ({ id }) => `${plain(id)} was removed`,
      },
    ),
    face(
      act({
        id: 'webhook.test',
        needs: 'own',
        audit: 'intent',
        input: () => One,
        run: (deck, { id }) => deck.webhooks.test(id),
      }),
      {
        title: 'Test webhook',
        about: 'webhook',
        keys: ['t'],
        hint: 1,
        subjectKey: 'id',
        help: 'Send a signed test message now, and say what came back.',
        cli: 'webhooks test <id>',
        example: 'clawdeck webhooks test ops',
        said: ({ status, took }) => `It answered ${status} after ${took} ms`,
      },
    ),
    face(
      act({
        id: 'webhook.deliveries',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            id: OperatorId,
            state: z.enum(['waiting', 'delivered', 'dead', 'all']).default('all'),
            limit: Limit.default(20),
          }),
        run: (deck, { id, state, limit }) => deck.webhooks.deliveries(id, state, limit),
      }),
      {
        title: 'List deliveries',
        about: 'deck',
        help: 'What was delivered to a webhook, what waits, and what was given up. The latest first.',
        cli: 'webhooks deliveries <id>',
        flags: {
          state: { about: 'waiting, delivered, dead or all (default)', value: 'state' },
          limit: { about: 'how many (20)', value: 'n' },
        },
        example: 'clawdeck webhooks deliveries ops --state dead',
        answer: 'deliveries',
      },
    ),
    face(
      act({
        id: 'webhook.replay',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: OperatorId, delivery: z.string().max(100).optional() }),
        run: (deck, { id, delivery }, { actor }) => deck.webhooks.replay(id, delivery, actor),
      }),
      {
        title: 'Replay deliveries',
        about: 'webhook',
        keys: ['r'],
        hint: 3,
        subjectKey: 'id',
        help: 'Send again what was given up, or one delivery of those that are kept.',
        cli: 'webhooks replay <id> [delivery]',
        example: 'clawdeck webhooks replay ops',
        said: ({ replayed }) => `${count(replayed, 'delivery', 'deliveries')} will be sent again`,
      },
    ),
  ]),
}
