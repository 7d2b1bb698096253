import { setTimeout as pause } from 'node:timers/promises'
import { processOf, startedWith } from './proc.ts'

/** What was killed is gone at once, but for a busy machine that has to get round to it. */
const WITHIN_MS = 10_000

/**
 * Kills until none of `candidates()` is left that belongs: by kernel session, or by a `NAME=value` in the environment
 * it was started with, so that neither a background job nor a `setsid` is forgotten. Answers whether none is left.
 */
export async function endMarked(
  candidates: () => readonly number[],
  entry: string,
  session = 0,
): Promise<boolean> {
  for (const deadline = Date.now() + WITHIN_MS; Date.now() < deadline; await pause(2)) {
    const left = candidates().filter((pid) => belongs(pid, entry, session))
    if (left.length === 0) return true
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        /* it ended by itself */
      }
    }
  }
  return false
}

/** Whether a live process is of this session or was started with this entry. */
export function belongs(pid: number, entry: string, session: number): boolean {
  const process = processOf(pid)
  if (!process || process.state === 'Z' || process.state === 'X') return false
  return (session > 0 && process.session === session) || startedWith(pid, entry)
}
