import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Kernel time units per second in /proc; fixed for user space. */
const TICKS = 100
const PAGE = 4096

export interface Process {
  pid: number
  state: string
  session: number
  cpuMs: number
  memoryBytes: number
}

/** The identity of a process's namespace, or undefined when it is gone or not ours to see. */
export function namespaceOf(pid: number, kind: 'pid' | 'user' | 'net'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/** Every process of this machine that can be seen, by the identity of its pid namespace; only the wanted ones. */
export function processesByNamespace(wanted: ReadonlySet<string>): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const space = namespaceOf(pid, 'pid')
    if (space === undefined || !wanted.has(space)) continue
    const list = found.get(space)
    if (list) list.push(pid)
    else found.set(space, [pid])
  }
  return found
}

/**
 * What /proc says of one process, or undefined when it has gone. CPU includes its ended children that were waited for,
 * so that the sum over a pod only grows while its first process lives.
 */
export function processOf(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const at = (index: number): number => Number(fields[index - 3])
    return {
      pid,
      state: fields[0] ?? '?',
      session: at(6),
      memoryBytes: at(24) * PAGE,
      cpuMs: (at(14) + at(15) + at(16) + at(17)) * (1000 / TICKS),
    }
  } catch {
    return undefined
  }
}

/** Whether the environment with which a process was started holds this `NAME=value`. */
export function startedWith(pid: number, entry: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry)
  } catch {
    return false
  }
}

export interface Command {
  pid: number
  parent: number
  words: string[]
}

/** Every process of this machine with its parent and its command line. */
export function commands(): Command[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return [{ pid, parent, words: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }]
      } catch {
        return []
      }
    })
}

/** Ends a process at once; one that has ended or is not ours is no error. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    /* it ended by itself */
  }
}
