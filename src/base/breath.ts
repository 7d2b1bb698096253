import { setImmediate as turn } from 'node:timers/promises'

/** Work in slices keeps the loop no longer than this, in milliseconds, plus one slice. */
const BREATH_MS = 8

/** For work in slices: what it gives, awaited after each slice, lets the loop turn as soon as enough time was used; it throws once the signal is aborted. */
export function breather(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < BREATH_MS) return
    await turn()
    since = performance.now()
    signal?.throwIfAborted()
  }
}
