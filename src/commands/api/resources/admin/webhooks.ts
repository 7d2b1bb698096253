import * as z from 'zod'
import { API_WEBHOOK_EVENTS } from '../../../../domain/governance/webhooks/rules.ts'
import { endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { fields, paged, someText, text } from '../../inputs.ts'

const MASK = '********'
const WARNING = 'Store this secret now: it is not shown again.'
const OneWebhook = { id: text(128) }

const author = ({ actor, tenant: { org } }: ApiCaller) => ({ org, actor, subject: '' })

/** Webhooks of an organisation. */
export const webhookEndpoints: readonly Endpoint[] = [
  endpoint('GET /webhooks', {
    about: 'Webhooks of the organisation, without their secrets.',
    needs: 'administer',
    input: () => fields({}),
    run: async ({ webhooks }, _asked, { tenant: { org } }) => ({
      webhooks: (await webhooks.list(org)).map((hook) => ({ ...hook, secret: MASK })),
    }),
  }),
  endpoint('POST /webhooks', {
    about:
      'Sends signals and decisions to a public https address, signed by a secret that is shown only here.',
    needs: 'administer',
    status: 201,
    input: () =>
      fields({
        url: someText(2000),
        events: z.array(z.enum(API_WEBHOOK_EVENTS)).max(API_WEBHOOK_EVENTS.length).default(['all']),
      }),
    run: async ({ webhooks }, { url, events }, caller) => {
      const asked = { url, events: events.length === 0 ? ['all'] : events }
      return { webhook: await webhooks.add(author(caller), asked), storageWarning: WARNING }
    },
  }),
  endpoint('DELETE /webhooks', {
    about: 'Ends a webhook.',
    needs: 'administer',
    input: () => fields({ id: someText(128) }),
    run: async ({ webhooks }, { id }, caller) => {
      await webhooks.remove(author(caller), id)
      return { success: true, deleted: id }
    },
  }),
  endpoint('POST /webhooks/:id/test', {
    about: 'Sends a test at once. If it arrives, a webhook that failed too often is active again.',
    needs: 'administer',
    input: () => fields(OneWebhook),
    run: async ({ webhooks }, { id }, caller) => {
      const { status, why } = await webhooks.test(author(caller), id)
      return {
        success: why === '',
        response_status: status,
        ...(why === '' ? {} : { reason: why }),
      }
    },
  }),
  endpoint('GET /webhooks/:id/deliveries', {
    about: 'What was sent to a webhook and what it answered, the latest first.',
    needs: 'administer',
    input: () => fields({ ...OneWebhook, ...paged(200, 50) }),
    run: ({ webhooks }, { id, ...page }, { tenant: { org } }) => ({
      deliveries: webhooks.deliveries(org, id, page),
    }),
  }),
]
