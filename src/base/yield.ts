import { setImmediate as turn } from 'node:timers/promises'

/** Work in slices keeps the loop no longer than this, in milliseconds, plus one slice. */
const BREATH_MS = 8

/** For work in slices: what it gives, awaited after each slice, lets the loop turn as soon as `ms` milliseconds were used; it throws once the signal is aborted. */
export function breather(signal?: AbortSignal, ms = BREATH_MS): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < ms) return
    await turn()
    since = performance.now()
    signal?.throwIfAborted()
  }
}
