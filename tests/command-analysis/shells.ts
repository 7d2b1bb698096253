import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { FILES, REAL, STUBS } from './generated-lines.ts'

/** Writes its line's number, its name and its words down, in one piece. */
const STUB_C = `#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char out[65536];
int main(int argc, char **argv) {
  const char *log = getenv("DECK_LOG"), *id = getenv("DECK_ID"), *name = strrchr(argv[0], '/');
  size_t n = 0;
  if (!log || !id) return 9;
  for (const char *c = id; *c; c++) out[n++] = *c;
  for (int i = 0; i < argc; i++) {
    out[n++] = '\\x1f';
    for (const char *c = i == 0 && name ? name + 1 : argv[i]; *c && n < sizeof out - 2; c++) out[n++] = *c;
  }
  out[n++] = '\\x1e';
  int fd = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (fd < 0 || write(fd, out, n) < 0) return 9;
  return (name ? name[1] : argv[0][0]) == 'n';
}
`
const STUB_SH = `#!/bin/dash
{ printf %s "$DECK_ID"; printf '\\037%s' "\${0##*/}" "$@"; printf '\\036'; } | { IFS= read -r all; printf %s "$all" >>"$DECK_LOG"; }
case \${0##*/} in n*) exit 1 ;; esac
`

/** Each line in a shell of its own, in a fresh copy of the folder, with nothing to read. */
const DRIVER = `ulimit -t 20
ulimit -u 256 2>/dev/null || ulimit -p 256
export V='v w' E= G='*.txt' HOME=/home/nobody DECK_LOG DECK_ID
unset N X C
set -- one 'two words'
for DECK_ID in $DECK_IDS; do
  ( cd "$DECK_TREE" || exit
    DECK_LINE=$(/bin/cat "$DECK_LINES/$DECK_ID"; printf x)
    eval "\${DECK_LINE%x}" ) </dev/null >/dev/null 2>&1
  [ -e "$DECK_TREE/f1" ] && /bin/rm -rf "$DECK_TREE"/f* "$DECK_TREE"/dir/f*
done
:
`

/** A batch takes a second; what takes so long holds a line that waits for ever. */
const LATE_MS = 10_000
/** Nobody: where root runs this, no limit of processes holds for root. */
const NOBODY = '65534'

/** What shells really execute, by stub programs that write it down; in a sandbox, where there is one. */
export class Shells implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'deck-shells-'))
  readonly #bin = join(this.#folder, 'bin')

  constructor() {
    chmodSync(this.#folder, 0o755)
    for (const name of ['bin', 'lines', 'tree/dir'].map((part) => join(this.#folder, part)))
      mkdirSync(name, { recursive: true })
    for (const file of FILES) writeFileSync(join(this.#folder, 'tree', file), 'pc from a file\n')
    this.#makeStubs()
    for (const name of REAL) {
      const path = which(name)
      if (path !== undefined) symlinkSync(path, join(this.#bin, name))
    }
    writeFileSync(join(this.#folder, 'driver'), DRIVER)
  }

  #makeStubs(): void {
    const stub = join(this.#folder, 'stub')
    try {
      writeFileSync(`${stub}.c`, STUB_C)
      execFileSync('cc', ['-O1', '-o', stub, `${stub}.c`], { stdio: 'ignore' })
    } catch {
      writeFileSync(stub, STUB_SH, { mode: 0o755 })
    }
    // Copies would be another program each; links keep the name that they are called by.
    for (const name of STUBS) symlinkSync(stub, join(this.#bin, name))
  }

  /** The commands that a shell executed for each line, by its number: name and words. A line that never ends has none. */
  async executed(
    shell: 'bash' | 'dash',
    lines: readonly string[],
    first = 0,
  ): Promise<Map<number, string[][]>> {
    const run = mkdtempSync(join(this.#folder, `${shell}-`))
    try {
      const log = join(run, 'log')
      lines.forEach((line, i) => writeFileSync(join(run, String(first + i)), line))
      writeFileSync(log, '')
      execFileSync('cp', ['-r', join(this.#folder, 'tree'), join(run, 'tree')])
      execFileSync('chmod', ['-R', 'a+rwX', run])
      const ids = lines.map((_, i) => first + i).join(' ')
      if (await this.#ends(shell, { run, log, ids })) return recorded(readFileSync(log, 'utf8'))
    } finally {
      rmSync(run, { recursive: true, force: true, maxRetries: 9 })
    }
    if (lines.length === 1) return new Map()
    const half = lines.length >> 1
    return new Map([
      ...(await this.executed(shell, lines.slice(0, half), first)),
      ...(await this.executed(shell, lines.slice(half), first + half)),
    ])
  }

  /** Whether the shell ended in time. */
  #ends(
    shell: string,
    { run, log, ids }: { run: string; log: string; ids: string },
  ): Promise<boolean> {
    const env = {
      PATH: this.#bin,
      DECK_IDS: ids,
      DECK_LINES: run,
      DECK_LOG: log,
      DECK_TREE: join(run, 'tree'),
    }
    const words = [
      ...sandboxed(this.#folder),
      ...limited(),
      which(shell) as string,
      join(this.#folder, 'driver'),
    ]
    const child = spawn(words[0] as string, words.slice(1), {
      env,
      stdio: 'ignore',
      detached: true,
    })
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), LATE_MS)
      child.on('error', reject)
      child.on('exit', (_, signal) => {
        clearTimeout(late)
        resolve(signal !== 'SIGKILL')
      })
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 9 })
  }
}

function recorded(log: string): Map<number, string[][]> {
  const made = new Map<number, string[][]>()
  for (const record of log.split('\x1e')) {
    if (record === '') continue
    const [id = '', ...words] = record.split('\x1f')
    made.set(Number(id), [...(made.get(Number(id)) ?? []), words])
  }
  return made
}

export function which(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** Nobody may start many processes, run for long, or write much. */
function limited(): string[] {
  const [limits, user] = [which('prlimit'), which('setpriv')]
  const limit = limits === undefined ? [] : [limits, '--nproc=256', '--cpu=20', '--fsize=16777216']
  if (process.getuid?.() !== 0) return limit
  if (user === undefined)
    throw new Error('root needs setpriv here: no limit of processes holds for it')
  return [user, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...limit]
}

let works: boolean | undefined

/** Without a network, and with nothing to write to but this folder; empty where there is no such sandbox here. */
function sandboxed(folder: string): string[] {
  const words = [
    '--unshare-net',
    '--unshare-pid',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--bind',
    folder,
    folder,
  ]
  const program = which('bwrap')
  if (program === undefined) return []
  if (works === undefined)
    try {
      execFileSync(program, [...words, '/bin/true'], { stdio: 'ignore', cwd: dirname(folder) })
      works = true
    } catch {
      works = false
    }
  return works ? [program, ...words] : []
}
