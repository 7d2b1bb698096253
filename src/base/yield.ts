import { setImmediate as nextTurn } from 'node:timers/promises'

/** Sliced work holds the event loop no longer than this, in milliseconds, plus one slice. */
const YIELD_EVERY_MS = 8

/**
 * For work done in slices. Await the returned function after each slice: it lets the event loop
 * turn once `yieldEveryMs` milliseconds have been used, and throws when the signal was aborted
 * meanwhile.
 */
export function yielder(
  signal?: AbortSignal,
  yieldEveryMs: number = YIELD_EVERY_MS,
): () => Promise<void> {
  let since = performance.now()
  return async function yieldIfBusy() {
    if (performance.now() - since < yieldEveryMs) return
    await nextTurn()
    since = performance.now()
    signal?.throwIfAborted()
  }
}
