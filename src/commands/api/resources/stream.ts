import { fields, text } from '../inputs.ts'
import { endpoint, Reply, type Endpoint } from '../endpoint.ts'

/** What happens, as it happens. */
export const streamEndpoints: readonly Endpoint[] = [
  endpoint('GET /stream', {
    about:
      'Server-sent events of the organisation, resumed after the cursor in Last-Event-ID or lastEventId, however long ago.',
    input: () => fields({ last_event_id: text(64).optional() }),
    run: ({ stream }, { last_event_id: after = null }, { tenant: { org, key }, signal }) =>
      new Reply(200, stream.open({ org, key, after, signal }), {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
      }),
  }),
]
