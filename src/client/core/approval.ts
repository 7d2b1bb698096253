import { isRecord } from './arguments.ts'
import {
  ApprovalDeniedError,
  ApprovalExpiredError,
  type DeckClientError,
  WaitTimeoutError,
} from './errors.ts'
import type { ClientEventStream, EventStreamOptions } from './events.ts'
import { throwIfAborted, timerMs } from './transport.ts'
import type { LedgerAction, LedgerActionAnswer } from '../routes/rows.ts'

export interface ApprovalWaitOptions {
  /** Milliseconds until `WaitTimeoutError`; five minutes by default. */
  readonly timeout?: number
  /** Milliseconds between two looks where there is no event stream; 5 s by default. */
  readonly interval?: number
  /** `false` never opens the event stream. */
  readonly useEvents?: boolean
  readonly signal?: AbortSignal
}

/**
 * The action as it stands after the decision; an operator may have changed it before allowing it.
 */
export type ApprovedAction = LedgerActionAnswer & { readonly action_id: string }

export interface ApprovalSource {
  getAction(actionId: string): Promise<LedgerActionAnswer>
  events(options: EventStreamOptions): ClientEventStream
}

/** A live stream tells of every change; this look is for a server that lost one. */
const LOOK_ANYWAY_MS = 30_000

/**
 * Waits until an action was decided on. The event stream tells of changes, and each is read anew
 * from the action itself; where there is no stream, or while it is away, the action is read every
 * `interval`.
 */
export async function awaitApproval(
  client: ApprovalSource,
  actionId: string,
  options: ApprovalWaitOptions = {},
): Promise<ApprovedAction> {
  const bell = new Bell(options.signal)
  const stream = options.useEvents === false ? undefined : client.events({ retryInterval: 1000 })
  const ring = (): void => bell.ring()
  stream
    ?.on('action.updated', (row) => row['action_id'] === actionId && ring())
    .on('open', ring)
    .on('connected', ring)
  try {
    return await lookUntilDecided(client, actionId, { options, bell, stream })
  } finally {
    stream?.close()
    bell.end()
  }
}

async function lookUntilDecided(
  client: ApprovalSource,
  actionId: string,
  waiting: { options: ApprovalWaitOptions; bell: Bell; stream: ClientEventStream | undefined },
): Promise<ApprovedAction> {
  const { bell, stream } = waiting
  const { timeout = 300_000, interval = 5000, signal } = waiting.options
  const deadline = performance.now() + timeout
  let wasPending = false
  for (;;) {
    throwIfAborted(signal, actionId)
    const answer = await lookAt(client, actionId)
    if (answer !== undefined && isDecided(actionId, answer.action, wasPending))
      return { ...answer, action_id: actionId }
    wasPending ||= answer?.action.status === 'pending_approval'
    const left = deadline - performance.now()
    if (!(left > 0))
      throw new WaitTimeoutError(`Timed out waiting for approval of ${actionId}`, actionId)
    await bell.within(Math.min(left, stream?.live === true ? LOOK_ANYWAY_MS : interval))
  }
}

/** Whether the waiting is over with a yes. A no is thrown. */
function isDecided(actionId: string, action: LedgerAction, wasPending: boolean): boolean {
  const { status, approved_by: approvedBy, error_message: message } = action
  if (status === 'pending_approval') return false
  if (typeof approvedBy === 'string' && approvedBy !== '') return true
  const denial = { actionId, decision: status, action }
  if (status === 'expired' || /^(the )?(approval )?expired\b/i.test(message ?? ''))
    throw new ApprovalExpiredError(message || 'Nobody decided in time', denial)
  if (['failed', 'cancelled', 'blocked', 'denied'].includes(status))
    throw new ApprovalDeniedError(message || 'An operator denied the action', denial)
  if (wasPending)
    throw new ApprovalDeniedError(`No longer pending (${status}), but nobody approved it`, {
      ...denial,
      code: 'APPROVAL_UNPROVEN',
    })
  return status === 'running' || status === 'completed'
}

/** Nothing, if the server could not be asked just now: the wait goes on. */
async function lookAt(
  client: ApprovalSource,
  actionId: string,
): Promise<LedgerActionAnswer | undefined> {
  try {
    const answer = await client.getAction(actionId)
    // Something else may have answered, such as a proxy.
    return isRecord(answer?.action) ? answer : undefined
  } catch (error) {
    const { code, status = 0 } = error as DeckClientError
    const passing = ['NETWORK', 'TIMEOUT', 'INVALID_RESPONSE'].includes(code)
    if (passing || status === 429 || status >= 500) return undefined
    throw error
  }
}

/** Ends a pause early; a ring while nobody pauses ends the next one at once. */
class Bell {
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.ring()
  #rung = false
  #wake: (() => void) | undefined

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async within(ms: number): Promise<void> {
    if (!this.#rung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timerMs(ms))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#rung = false
    this.#wake = undefined
  }

  end(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}
