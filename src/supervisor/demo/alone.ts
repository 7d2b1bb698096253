/** A demo whose console was never there, or has gone: how long it waits, in milliseconds. */
const NEVER_SEEN_MS = 30_000
const GONE_MS = 5_000
const LOOK_MS = 500

/** Calls `alone` once nobody has followed the world for some seconds: a demo is there for the one who looks at it. The answer ends the watch. */
export function whenAlone(followers: () => number, alone: () => void): () => void {
  let seen = performance.now()
  let patience = NEVER_SEEN_MS
  const timer = setInterval(() => {
    if (followers() > 0) {
      seen = performance.now()
      patience = GONE_MS
    }
    if (performance.now() - seen < patience) return
    clearInterval(timer)
    alone()
  }, LOOK_MS)
  return () => clearInterval(timer)
}
