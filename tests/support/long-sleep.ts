let count = 0

/**
 * A command that sleeps for years, and that no other test on this machine runs: also in a pod
 * without a process namespace it can be told apart.
 */
export function longSleep(): string {
  count++
  return `sleep ${1_000_000_000 + process.pid * 100 + count}`
}
