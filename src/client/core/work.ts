import { jsonTextOf } from './json.ts'
import type { JsonRecord } from './route.ts'
import { DeckClientError, WaitTimeoutError } from './errors.ts'
import { sleepUnless, throwIfAborted, timerMs } from './transport.ts'
import type { AgentPairing } from '../routes/security.ts'
import type { CreatedAction } from '../routes/rows.ts'

/** The longest text that is sent as the summary of what a tracked function returned. */
const SUMMARY_CHARS = 4000

export interface TrackedWork {
  readonly action_id: string
  /** As it was allowed: an operator may have changed it. */
  readonly action: CreatedAction['action']
}

export interface TrackSource {
  createAction(fields: never): Promise<CreatedAction>
  waitForApproval(actionId: string): Promise<{ action: CreatedAction['action'] }>
  updateOutcome(actionId: string, outcome: JsonRecord): Promise<unknown>
}

/**
 * Records an action, runs `work`, and says what came of it. A held action is waited for first:
 * `work` never runs without a yes. What `work` throws is thrown on; so is a failure to record that
 * it succeeded, since the ledger would be wrong.
 */
export async function trackWork<T>(
  client: TrackSource,
  fields: JsonRecord,
  work: (tracked: TrackedWork) => T | Promise<T>,
): Promise<T> {
  const created = await client.createAction(fields as never)
  const { action_id } = created
  const action =
    created.action?.status === 'pending_approval'
      ? (await client.waitForApproval(action_id)).action
      : created.action
  const started = performance.now()
  const duration = (): number => Math.round(performance.now() - started)
  let result: T
  try {
    result = await work({ action_id, action })
  } catch (error) {
    await client
      .updateOutcome(action_id, {
        status: 'failed',
        duration_ms: duration(),
        error_message: summaryOf(error instanceof Error ? error.message : error),
      })
      // The error of the work is the one that the caller has to see.
      .catch(() => undefined)
    throw error
  }
  await client.updateOutcome(action_id, {
    status: 'completed',
    duration_ms: duration(),
    output_summary: summaryOf(result),
  })
  return result
}

/** A short text of whatever a function returned; nothing for nothing. */
function summaryOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : jsonTextOf(value)
  return text && text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS - 1)}…` : text
}

/** Repeats a report until stopped. Failures are ignored: the next one comes soon. */
export class HeartbeatTimer {
  #timer: ReturnType<typeof setInterval> | undefined

  start(beat: () => Promise<unknown>, intervalMs: number): void {
    if (this.#timer !== undefined) return
    const once = (): void => void beat().catch(() => undefined)
    once()
    this.#timer = setInterval(once, timerMs(intervalMs))
    // In Node, a heartbeat alone does not keep a program alive.
    ;(this.#timer as { unref?: () => unknown }).unref?.()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

export interface PairingWaitOptions {
  /** Milliseconds until `WaitTimeoutError`; five minutes by default. */
  readonly timeout?: number
  /** Milliseconds between two looks; 2 s by default. */
  readonly interval?: number
  readonly signal?: AbortSignal
}

/** Waits until an operator approved a pairing. */
export async function awaitPairing(
  look: (id: string) => Promise<{ pairing: AgentPairing }>,
  pairingId: string,
  { timeout = 300_000, interval = 2000, signal }: PairingWaitOptions = {},
): Promise<AgentPairing> {
  const deadline = performance.now() + timeout
  for (;;) {
    const { pairing } = (await look(pairingId)) ?? {}
    if (pairing?.status === 'approved') return pairing
    if (pairing?.status !== 'pending') throw unusable(pairingId, pairing)
    const left = deadline - performance.now()
    if (!(left > 0))
      throw new WaitTimeoutError(`Timed out waiting for approval of ${pairingId}`, pairingId)
    await sleepUnless(Math.min(left, interval), signal)
    throwIfAborted(signal, pairingId)
  }
}

function unusable(pairingId: string, pairing: AgentPairing | undefined): DeckClientError {
  const state = pairing?.status ?? 'not in the answer'
  return new DeckClientError(`The pairing ${pairingId} is ${state}`, {
    code: 'PAIRING_EXPIRED',
    body: pairing,
  })
}
