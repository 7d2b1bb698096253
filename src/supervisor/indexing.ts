import type { Journal } from '../journal/journal.ts'

/** Events are taken in a while after they came, in bites so small that no agent's answer waits for one. */
const BEGIN_MS = 250
const NEXT_MS = 5
const BITE = 100

/**
 * Keeps the text index of the journal near the journal, in the time that nobody else wants: a bite of events, then a little
 * joining of pieces, as the pieces must never become many. Returns how to stop.
 */
export function keepIndex(journal: Journal, index: { index(limit: number): number; tidy(): boolean }): () => void {
  let timer: NodeJS.Timeout | undefined
  let waiting = 0
  let fresh = false

  const later = (ms: number, act: () => void): void => { timer ??= setTimeout(() => { timer = undefined; act() }, ms).unref() }

  function bite(): void {
    fresh = false
    waiting = index.index(BITE)
    later(NEXT_MS, tidy)
  }

  function tidy(): void {
    const more = index.tidy()
    if (waiting > 0) later(NEXT_MS, bite)
    else if (more) later(NEXT_MS, tidy)
    else if (fresh) later(BEGIN_MS, bite)
  }

  const unfollow = journal.follow(() => {
    fresh = true
    later(BEGIN_MS, bite)
  })
  return () => { unfollow(); clearTimeout(timer) }
}
