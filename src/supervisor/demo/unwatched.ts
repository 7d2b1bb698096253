/** How long a demo waits for its first console, in milliseconds. */
const FIRST_CONSOLE_MS = 30_000
/** How long it goes on after the last console has gone. */
const AFTER_LAST_MS = 5_000
const CHECK_MS = 500

/**
 * Calls `act` once nobody has followed the world for some seconds. Disposing of it ends the watch.
 */
export function whenUnwatched(followers: () => number, act: () => void): AsyncDisposable {
  let latest = performance.now()
  let patience = FIRST_CONSOLE_MS
  const timer = setInterval(() => {
    if (followers() > 0) {
      latest = performance.now()
      patience = AFTER_LAST_MS
    }
    if (performance.now() - latest < patience) return
    clearInterval(timer)
    act()
  }, CHECK_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
    },
  }
}
