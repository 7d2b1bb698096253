import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

/** Clock ticks per second in /proc, a constant of the kernel's interface. */
const TICKS = 100
const PAGE_BYTES = 4096

interface ProcessStat {
  pid: number
  /** Its program, as it calls itself: at most 15 characters. */
  name: string
  state: string
  parent: number
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
      name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
      state: fields[0] ?? '?',
      parent: at(4),
      session: at(6),
      memoryBytes: at(24) * PAGE_BYTES,
      cpuMs: (at(14) + at(15) + at(16) + at(17)) * (1000 / TICKS),
    }
  } catch {
    return undefined
  }
}

/** A process can have megabytes of arguments and environment. That much is read of each. */
const MAX_BYTES = 128 << 10

/**
 * Whether a process was started with this `NAME=value` in its environment, as far as it is read: a
 * process that hides behind a huge environment could as well have removed the entry.
 */
export function startedWith(pid: number, entry: string): boolean {
  try {
    return beginningOf(`/proc/${pid}/environ`).toString('latin1').split('\0').includes(entry)
  } catch {
    return false
  }
}

/** The value that a process was started with, of a variable of its environment. */
export function startedAs(pid: number, name: string): string | undefined {
  try {
    const entries = beginningOf(`/proc/${pid}/environ`).toString('latin1').split('\0')
    return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
  } catch {
    return undefined
  }
}

/** What a file in /proc begins with. */
function beginningOf(path: string): Buffer {
  const fd = openSync(path, 'r')
  try {
    const small = Buffer.allocUnsafe(8 << 10)
    const size = fill(fd, small, 0)
    if (size < small.length) return small.subarray(0, size)
    const large = Buffer.allocUnsafe(MAX_BYTES)
    small.copy(large)
    return large.subarray(0, fill(fd, large, size))
  } finally {
    closeSync(fd)
  }
}

/** Fills the rest of a buffer from a file, which is sent a page at a time. Returns its new size. */
function fill(fd: number, buffer: Buffer, from: number): number {
  let size = from
  for (let got = -1; got !== 0 && size < buffer.length; size += got)
    got = readSync(fd, buffer, size, buffer.length - size, size)
  return size
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
        return [
          { pid, parent, words: beginningOf(`/proc/${pid}/cmdline`).toString('utf8').split('\0') },
        ]
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
