import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Clock ticks per second in /proc, a constant of the kernel's interface. */
const TICKS = 100
const PAGE_BYTES = 4096

interface ProcessStat {
  pid: number
  state: string
  session: number
  cpuMs: number
  memoryBytes: number
}

/** Identifies a process's namespace. Undefined when the process is gone or may not be inspected. */
export function namespaceOf(pid: number, kind: 'pid' | 'user' | 'net'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/** The visible processes of this machine in the given pid namespaces. */
export function processesByNamespace(namespaces: ReadonlySet<string>): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const namespace = namespaceOf(pid, 'pid')
    if (namespace === undefined || !namespaces.has(namespace)) continue
    const list = found.get(namespace)
    if (list) list.push(pid)
    else found.set(namespace, [pid])
  }
  return found
}

/**
 * Reads /proc/<pid>/stat; undefined when the process is gone. CPU time includes reaped children, so
 * that the sum over a pod never decreases while its first process lives.
 */
export function processOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const at = (index: number): number => Number(fields[index - 3])
    return {
      pid,
      state: fields[0] ?? '?',
      session: at(6),
      memoryBytes: at(24) * PAGE_BYTES,
      cpuMs: (at(14) + at(15) + at(16) + at(17)) * (1000 / TICKS),
    }
  } catch {
    return undefined
  }
}

/** Whether a process was started with this `NAME=value` in its environment. */
export function startedWith(pid: number, entry: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry)
  } catch {
    return false
  }
}

interface RunningProcess {
  pid: number
  parent: number
  words: string[]
}

/** All processes of this machine, with parent and command line. */
export function runningProcesses(): RunningProcess[] {
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

/** Kills a process. One that has ended, or may not be killed, is ignored. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    /* it ended by itself */
  }
}
