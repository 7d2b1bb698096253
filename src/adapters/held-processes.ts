import { setTimeout as pause } from 'node:timers/promises'
import { processOf } from './proc.ts'

/** A process that has not stopped after this long does not stop. */
const TIMEOUT_MS = 5000
/** Stopped by a signal, stopped by a debugger, or ended. */
const HELD_STATES = new Set(['T', 't', 'Z', 'X'])
/**
 * Programs of ours that run a command in a pod, and stop themselves when that is stopped. If they
 * were stopped before it, they would do so once everything goes on.
 */
const RELAYS = new Set(['script', 'nsenter'])
/** How long they have for that. */
const RELAY_MS = 250

/** Whether a process is stopped as a whole. */
export function isHeld(pid: number): boolean {
  return processOf(pid)?.state === 'T'
}

/**
 * Stops processes until a look at `candidates` finds none that runs, so that what was started
 * meanwhile is stopped too. Answers the keys of those that still run: of pods, by their names.
 */
export async function holdProcesses(
  candidates: () => ReadonlyMap<string, readonly number[]>,
): Promise<Set<string>> {
  const began = performance.now()
  const signalled = new Set<number>()
  for (;;) {
    const passed = performance.now() - began
    const running = new Set<string>()
    for (const [key, pids] of candidates())
      for (const { pid, name } of parentsFirst(pids).flatMap((one) => runningOf(one, signalled))) {
        running.add(key)
        if (RELAYS.has(name) && passed < RELAY_MS) continue
        signal(pid, 'SIGSTOP')
        signalled.add(pid)
      }
    if (running.size === 0 || passed >= TIMEOUT_MS) return running
    await pause(1)
  }
}

/** A process, if it runs. One in the kernel stops before it runs anything of its own. */
function runningOf(pid: number, signalled: ReadonlySet<number>): { pid: number; name: string }[] {
  const found = processOf(pid)
  if (found === undefined || HELD_STATES.has(found.state)) return []
  return found.state === 'D' && signalled.has(pid) ? [] : [found]
}

/** Lets stopped processes go on: a shell after its jobs, so that it does not see them stopped. */
export function releaseProcesses(pids: readonly number[]): void {
  for (const pid of parentsFirst(pids).toReversed()) signal(pid, 'SIGCONT')
}

/** A shell that ran while its job was stopped would take the terminal back. */
function parentsFirst(pids: readonly number[]): number[] {
  const parents = new Map(pids.map((pid) => [pid, processOf(pid)?.parent ?? 0]))
  const depths = new Map<number, number>()
  const depth = (pid: number): number => {
    const parent = parents.get(pid)
    if (parent === undefined) return 0
    const known = depths.get(pid) ?? depth(parent) + 1
    depths.set(pid, known)
    return known
  }
  return pids.toSorted((a, b) => depth(a) - depth(b))
}

/** One that has ended, or may not be sent signals, is ignored: it is looked at again. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch {
    /* it ended by itself */
  }
}
