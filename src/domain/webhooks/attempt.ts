import type { Clock } from '../../base/clock.ts'
import { asFault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { Outbound } from '../../ports/outbound.ts'
import { messageOf } from './message.ts'
import { signatureOf } from './rules.ts'
import type { WebhookSecrets } from './secrets.ts'
import type { Delivery } from './types.ts'

/** What an attempt is made with. */
export interface AttemptParts {
  clock: Clock
  read: Pick<ReturnType<typeof eventReader>, 'since' | 'one'>
  secrets: WebhookSecrets
  outbound: () => Promise<Outbound>
  /** Names this deck to receivers. */
  deck: string
}

export interface AttemptResult {
  status: number | null
  /** Why it was not received; '' if it was. */
  why: string
  /** No further attempt can help. */
  isOver: boolean
}

/** Posts a delivery once. */
export async function attempt(
  { read, secrets, outbound, deck, clock }: AttemptParts,
  ref: string,
  { event: seq, id }: Delivery,
  signal: AbortSignal,
): Promise<AttemptResult> {
  try {
    const stored = read.one(seq)
    if (stored === undefined)
      return { status: null, why: 'the event is not in the journal any more', isOver: true }
    const { url, secret } = await secrets.read(ref)
    const body = messageOf(asEvent(stored), id, deck)
    const headers = headersOf({ id, type: stored.type, secret, body, at: clock.now() })
    const poster = await outbound()
    const { status } = await poster.post({ url, headers, body, signal })
    return { status, why: refusalOf(status), isOver: false }
  } catch (thrown) {
    return { status: null, why: plain(asFault(thrown).message, 200), isOver: false }
  }
}

function refusalOf(status: number): string {
  if (status >= 200 && status < 300) return ''
  return status >= 300 && status < 400
    ? `it answered ${status}: redirects are not followed`
    : `it answered ${status}`
}

/** The headers of a message, with its signature. */
export function headersOf({
  id,
  type,
  secret,
  body,
  at,
}: {
  id: string
  type: string
  secret: string
  body: string
  at: number
}): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'clawdeck',
    'clawdeck-delivery': id,
    'clawdeck-event': type,
    'clawdeck-signature': signatureOf(secret, at, body),
  }
}
