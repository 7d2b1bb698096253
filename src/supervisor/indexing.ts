import type { Journal } from '../journal/journal.ts'

/** Events are taken in a while after they came, in bites so small that no agent's answer waits for one. */
const BEGIN_MS = 250
const NEXT_MS = 10
const BITE = 100
/** The index is tidied when nothing happened for so long, or when it is in so many pieces that looking things up would suffer. */
const QUIET_MS = 1000
const MOST_PIECES = 400
const TIDY_NEXT_MS = 20

/** Keeps the text index of the journal near the journal, in the time that nobody else wants. Returns how to stop. */
export function keepIndex(journal: Journal, index: { index(limit: number): number; tidy(): boolean }): () => void {
  let timer: NodeJS.Timeout | undefined
  let lastCommit = 0
  let pieces = 0

  const later = (ms: number, act: () => void): void => { timer ??= setTimeout(() => { timer = undefined; act() }, ms).unref() }

  function bite(): void {
    pieces++
    if (index.index(BITE) > 0) later(NEXT_MS, bite)
    else later(QUIET_MS, tidy)
  }

  function tidy(): void {
    if (Date.now() - lastCommit < QUIET_MS && pieces < MOST_PIECES) later(QUIET_MS, bite)
    else if (index.tidy()) later(TIDY_NEXT_MS, tidy)
    else pieces = 0
  }

  const unfollow = journal.follow(() => {
    lastCommit = Date.now()
    later(BEGIN_MS, bite)
  })
  return () => { unfollow(); clearTimeout(timer) }
}
