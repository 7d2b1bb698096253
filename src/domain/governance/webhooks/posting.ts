import { canonical } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import type { WebhookSecrets } from '../../webhooks/secrets.ts'
import { isoTime } from '../times.ts'
import type { AttemptLog } from './attempt-log.ts'
import { apiSignature } from './rules.ts'

/** What is posted, and how the log names it. */
export interface WebhookMessage {
  /** Of the delivery. */
  id: string
  name: string
  body: object
}

interface Posting {
  clock: Clock
  secrets: WebhookSecrets
  outbound: () => Promise<Outbound>
  log: AttemptLog
}

/** What came of a message: `why` it was not received, '' if it was. */
interface Posted {
  status: number | null
  why: string
}

/** Posts a message to a webhook once, and logs what came of it. */
export async function postLogged(
  posting: Posting,
  { hook, message, signal }: { hook: string; message: WebhookMessage; signal: AbortSignal },
): Promise<Posted> {
  const began = performance.now()
  const { status, answer, why } = await posted(posting, { hook, message, signal })
  if (!signal.aborted)
    posting.log.add(hook, {
      id: message.id,
      event_type: message.name,
      payload: message.body,
      status: why === '' ? 'success' : 'failed',
      response_status: status,
      response_body: answer === '' ? why : answer,
      attempted_at: isoTime(posting.clock.now()),
      duration_ms: Math.round(performance.now() - began),
    })
  return { status, why }
}

async function posted(
  { secrets, outbound }: Posting,
  { hook, message, signal }: { hook: string; message: WebhookMessage; signal: AbortSignal },
): Promise<Posted & { answer: string }> {
  try {
    const { url, secret } = await secrets.read(hook)
    const body = canonical(message.body)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'DashClaw-Webhooks/1.0',
      'x-dashclaw-signature': apiSignature(secret, body),
      'x-dashclaw-event': message.name,
      'x-dashclaw-delivery': message.id,
    }
    const poster = await outbound()
    const { status, text } = await poster.post({ url, headers, body, signal })
    const isReceived = status >= 200 && status < 300
    return { status, answer: text, why: isReceived ? '' : `it answered ${status}` }
  } catch (thrown) {
    return { status: null, answer: '', why: plain(asFault(thrown).message, 200) }
  }
}
