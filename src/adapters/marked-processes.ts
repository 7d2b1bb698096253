import { setTimeout as pause } from 'node:timers/promises'
import { killProcess, processOf, startedWith } from './proc.ts'

/** A killed process is gone at once, except on a busy machine. */
const TIMEOUT_MS = 10_000

/**
 * Kills those of `candidates()` that belong to a kernel session, or were started with an
 * environment entry `NAME=value`, which also finds background jobs and `setsid`. Repeats until none
 * is left. Returns whether none is left.
 */
export async function killMarked(
  candidates: () => readonly number[],
  entry: string,
  session = 0,
): Promise<boolean> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await pause(2)) {
    const left = candidates().filter((pid) => belongs(pid, entry, session))
    if (left.length === 0) return true
    for (const pid of left) killProcess(pid)
  }
  return false
}

/** Whether a live process is in this kernel session or was started with this environment entry. */
export function belongs(pid: number, entry: string, session: number): boolean {
  const process = processOf(pid)
  if (!process || process.state === 'Z' || process.state === 'X') return false
  return (session > 0 && process.session === session) || startedWith(pid, entry)
}
