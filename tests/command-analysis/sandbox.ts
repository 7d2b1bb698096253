import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** How many processes there may be of lines that start one another. */
const MOST_PROCESSES = 128
/** Seconds of work, and blocks of a file, of one process. */
const LIMITS = `ulimit -t 30; ulimit -f 32768; ulimit -u $0 2>/dev/null || ulimit -p $0 || exit 9; exec "$@"`

/** A user of nobody's: the limit of processes is one of each user, and holds for none of root's. */
const FIRST_USER = 61_000
const USERS = 4_000

/** How programs are started here that may do anything: as nobody, few at a time, apart from all others as far as can be. */
export class Sandbox {
  readonly #namespaces: readonly string[]
  readonly #asNobody: boolean
  #user = FIRST_USER + Math.floor(Math.random() * USERS)

  private constructor(namespaces: readonly string[], asNobody: boolean) {
    this.#namespaces = namespaces
    this.#asNobody = asNobody
  }

  /** The best one that there is, for programs that write to a folder; undefined where their number cannot be limited. */
  static find(folder: string): Sandbox | undefined {
    const isRoot = process.getuid?.() === 0
    for (const namespaces of namespacesFor(folder))
      for (const asNobody of isRoot ? [true, false] : [false]) {
        const sandbox = new Sandbox(namespaces, asNobody)
        if (sandbox.#works()) return sandbox
      }
    return undefined
  }

  #works(): boolean {
    const starts = (most: number) => {
      const { words } = this.around(['/bin/sh', '-c', '/bin/true && exec /bin/true'], most)
      return spawnSync(words[0] as string, words.slice(1), { stdio: 'ignore', timeout: 2_000 })
    }
    return starts(mostProcesses()).status === 0 && starts(1).status !== 0
  }

  /** The words that start a program, and what ends all that it started. */
  around(program: readonly string[], most = mostProcesses()) {
    const user = FIRST_USER + (this.#user++ % USERS)
    const nobody = this.#asNobody
      ? [which('setpriv') ?? 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups']
      : []
    return {
      words: [...this.#namespaces, ...nobody, '/bin/sh', '-c', LIMITS, String(most), ...program],
      end: (pid: number) => {
        try {
          process.kill(-pid, 'SIGKILL')
        } catch {
          // None of them is left.
        }
        // Those that left the group. Others of this user's there are none.
        if (this.#asNobody && this.#namespaces.length === 0)
          spawnSync(nobody[0] as string, [...nobody.slice(1), '/bin/sh', '-c', 'kill -9 -1'])
      },
    }
  }
}

/** A root that only reads, processes of its own, no network: as much of it as is allowed here. */
function namespacesFor(folder: string): string[][] {
  const program = which('bwrap')
  if (program === undefined) return [[]]
  const all = ['--unshare-pid', '--die-with-parent', '--ro-bind', '/', '/', '--dev', '/dev']
  const own = ['--proc', '/proc', '--bind', folder, folder]
  return [[program, '--unshare-net', ...all, ...own], [program, ...all, ...own], []]
}

function mostProcesses(): number {
  return process.getuid?.() === 0 ? MOST_PROCESSES : MOST_PROCESSES + ownThreads()
}

/** What counts already, where programs are started as who runs this. */
function ownThreads(): number {
  const own = new RegExp(`^Uid:\\s+${process.getuid?.()}\\s[^]*?^Threads:\\s+(\\d+)`, 'm')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      try {
        return sum + Number(own.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
      } catch {
        return sum
      }
    }, 0)
}

export function which(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}
