import type { Clock } from '../../base/clock.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { askGuard, fetchFromDoor, gatedCommands, mustAsk } from './guard.ts'
import { parseLine } from './command-line.ts'

/** Exit code of the in-pod client for a denial. */
const EXIT_CODE_DENIED = 77

/** The environment of an simulated command. */
export interface Place {
  spec: PodSpec
  clock: Clock
  env: Record<string, string>
  cwd: string
  out(text: string): void
  err(text: string): void
  /** Aborted when what runs has to end: the pod stopped, or Ctrl-C. */
  signal: AbortSignal
  /** Only with a terminal. */
  size: (() => { columns: number; rows: number }) | undefined
  /** Socket of the guard door, while it is open. */
  door(): string | undefined
  status: number
}

/** Thrown by the command `exit`. */
export class ShellExit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

/** Runs a script in the simulated shell and returns its exit code. */
export async function runScript(place: Place, script: string): Promise<number> {
  try {
    await runLine(place, script)
  } catch (thrown) {
    if (thrown instanceof ShellExit) return thrown.code
    throw thrown
  }
  return place.status
}

/** Runs argv: the script of a shell with `-c`, or a command. */
export async function runArgv(place: Place, argv: readonly string[]): Promise<number> {
  if (isShell(argv[0]) && argv[1] === '-c') return runScript(place, argv[2] ?? '')
  try {
    return await runCommand(place, argv)
  } catch (thrown) {
    if (thrown instanceof ShellExit) return thrown.code
    throw thrown
  }
}

export function isShell(program: string | undefined): boolean {
  return /(?:^|\/)(?:ba|da)?sh$/.test(program ?? '')
}

/** Runs one line. Throws `ShellExit` at `exit`. */
export async function runLine(place: Place, line: string): Promise<void> {
  const value = (name: string): string =>
    name === '?' ? String(place.status) : (place.env[name] ?? '')
  for (const { words, after, toStderr } of parseLine(line, value)) {
    if (place.signal.aborted) return
    if ((after === '&&' && place.status !== 0) || (after === '||' && place.status === 0)) continue
    // Redirects `out` in the same object, because `cd` must change the shell's own folder.
    const out = place.out
    if (toStderr) place.out = place.err
    try {
      place.status = await runCommand(place, words)
    } finally {
      place.out = out
    }
  }
}

async function runCommand(place: Place, words: readonly string[]): Promise<number> {
  const [program = '', ...args] = words
  if (mustAsk(place.spec, words)) return gated(place, words)
  const command = COMMANDS[program]
  if (command) return command(place, args)
  place.err(`sh: ${program}: not found\n`)
  return 127
}

/** A gated command really asks at the guard door, and then only pretends to run. */
async function gated(place: Place, words: readonly string[]): Promise<number> {
  const run = await askGuard(place, words)
  if (!run) return EXIT_CODE_DENIED
  place.out(`\u001b[2m+ ${run.command}\u001b[0m\n`)
  await pause(place, 400)
  place.out('done\n')
  await run.report(0)
  return 0
}

type Command = (place: Place, args: string[]) => number | Promise<number>

const FILES = ['AGENTS.md', 'README.md', 'docs', 'src', 'tests']

const COMMANDS: Record<string, Command> = Object.assign(
  Object.create(null) as Record<string, Command>,
  {
    true: () => 0,
    ':': () => 0,
    false: () => 1,
    echo: ({ out }, args) =>
      print(out, args[0] === '-n' ? args.slice(1).join(' ') : `${args.join(' ')}\n`),
    pwd: ({ out, cwd }) => print(out, `${cwd}\n`),
    cd(place, [to = place.spec.workdir]) {
      place.cwd = to.startsWith('/') ? to : `${place.cwd.replace(/\/$/, '')}/${to}`
      return 0
    },
    ls: ({ out }) => print(out, `${FILES.join('  ')}\n`),
    cat({ out, err }, [file = '']) {
      if (file.endsWith('README.md'))
        return print(out, '# A demo pod\nEverything here is simulated except the guard door.\n')
      err(`cat: ${file}: No such file or directory\n`)
      return 1
    },
    env: ({ out, env }) =>
      print(
        out,
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      ),
    stty({ out, err, size }, [what]) {
      if (!size) {
        err('stty: standard input: Inappropriate ioctl for device\n')
        return 1
      }
      if (what === 'size') out(`${size().rows} ${size().columns}\n`)
      return 0
    },
    async sleep(place, [seconds = '0']) {
      await pause(place, Number(seconds) * 1000 || 0)
      return place.signal.aborted ? 130 : 0
    },
    exit(place, [code]) {
      throw new ShellExit(code === undefined ? place.status : Number(code) & 255)
    },
    date: ({ out, clock }) => print(out, `${new Date(clock.now()).toUTCString()}\n`),
    whoami: ({ out }) => print(out, 'agent\n'),
    hostname: ({ out, spec }) => print(out, `${spec.agent}\n`),
    git: ({ out }, [verb]) =>
      print(
        out,
        verb === 'status' ? 'On branch main\nnothing to commit, working tree clean\n' : '',
      ),
    ps: ({ out }) =>
      print(out, '  PID TTY      CMD\n    1 ?        deck-init\n   12 pts/0    sh\n'),
    clear: ({ out }) => print(out, '\u001b[H\u001b[2J'),
    help: ({ out, spec }) => print(out, helpText(spec)),
    async guard(place, [verb, ...rest]) {
      const words = rest[0] === '--' ? rest.slice(1) : rest
      if (verb === 'run' && words.length > 0) return gated(place, words)
      if (verb === 'whoami') return fetchFromDoor(place, '/v1/whoami')
      place.err('usage: guard run -- <command> | guard whoami\n')
      return 2
    },
    wget: fetchLast,
    curl: fetchLast,
  } satisfies Record<string, Command>,
)

function fetchLast(place: Place, args: string[]): Promise<number> | number {
  const url = URL.parse(args.at(-1) ?? '')
  if (url?.host === '127.0.0.1:3000') return fetchFromDoor(place, `${url.pathname}${url.search}`)
  place.err('Network is unreachable\n')
  return 1
}

function helpText(spec: PodSpec): string {
  const gatedLines = [...gatedCommands(spec)].flatMap(([name, patterns]) =>
    patterns.map((words) => [name, ...words].join(' ')),
  )
  return `This shell is simulated. Commands: ${Object.keys(COMMANDS).join(', ')}.
Commands that need approval: ${gatedLines.join(', ') || 'none'}.
`
}

function print(out: (text: string) => void, text: string): number {
  out(text)
  return 0
}

function pause({ clock, signal }: Place, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
