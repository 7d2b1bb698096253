import type { CommandContext } from './command-context.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { askGuard, fetchFromDoor, gatedCommands, mustAsk } from './guard.ts'
import { parseLine } from './command-line.ts'

/** Exit code of the in-pod client for a denial. */
const EXIT_CODE_DENIED = 77

/** Thrown by the command `exit`. */
export class ShellExit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

/** Runs a script in the simulated shell and returns its exit code. */
export async function runScript(context: CommandContext, script: string): Promise<number> {
  try {
    await runLine(context, script)
  } catch (thrown) {
    if (thrown instanceof ShellExit) return thrown.code
    throw thrown
  }
  return context.status
}

/** Runs argv: the script of a shell with `-c`, or a command. */
export async function runArgv(context: CommandContext, argv: readonly string[]): Promise<number> {
  if (isShell(argv[0]) && argv[1] === '-c') return runScript(context, argv[2] ?? '')
  try {
    return await runCommand(context, argv)
  } catch (thrown) {
    if (thrown instanceof ShellExit) return thrown.code
    throw thrown
  }
}

export function isShell(program: string | undefined): boolean {
  return /(?:^|\/)(?:ba|da)?sh$/.test(program ?? '')
}

/** Runs one line. Throws `ShellExit` at `exit`. */
export async function runLine(context: CommandContext, line: string): Promise<void> {
  const value = (name: string): string =>
    name === '?' ? String(context.status) : (context.env[name] ?? '')
  for (const { words, after, toStderr } of parseLine(line, value)) {
    if (context.signal.aborted) return
    if ((after === '&&' && context.status !== 0) || (after === '||' && context.status === 0))
      continue
    // Redirects `out` in the same object, because `cd` must change the shell's own folder.
    const out = context.out
    if (toStderr) context.out = context.err
    try {
      context.status = await runCommand(context, words)
    } finally {
      context.out = out
    }
  }
}

async function runCommand(context: CommandContext, words: readonly string[]): Promise<number> {
  await context.held()
  const [program = '', ...args] = words
  if (mustAsk(context.spec, words)) return gated(context, words)
  const command = COMMANDS[program]
  if (command) return command(context, args)
  context.err(`sh: ${program}: not found\n`)
  return 127
}

/** A gated command really asks at the guard door, and then only pretends to run. */
async function gated(context: CommandContext, words: readonly string[]): Promise<number> {
  const run = await askGuard(context, words)
  if (!run) return EXIT_CODE_DENIED
  context.out(`\u001b[2m+ ${run.command}\u001b[0m\n`)
  await pause(context, 400)
  context.out('done\n')
  await run.report(0)
  return 0
}

type Command = (context: CommandContext, args: string[]) => number | Promise<number>

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
    cd(context, [to = context.spec.workdir]) {
      context.cwd = to.startsWith('/') ? to : `${context.cwd.replace(/\/$/, '')}/${to}`
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
    async sleep(context, [seconds = '0']) {
      await pause(context, Number(seconds) * 1000 || 0)
      await context.held()
      return context.signal.aborted ? 130 : 0
    },
    exit(context, [code]) {
      throw new ShellExit(code === undefined ? context.status : Number(code) & 255)
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
    async guard(context, [verb, ...rest]) {
      const words = rest[0] === '--' ? rest.slice(1) : rest
      if (verb === 'run' && words.length > 0) return gated(context, words)
      if (verb === 'whoami') return fetchFromDoor(context, '/v1/whoami')
      context.err('usage: guard run -- <command> | guard whoami\n')
      return 2
    },
    wget: fetchLast,
    curl: fetchLast,
  } satisfies Record<string, Command>,
)

function fetchLast(context: CommandContext, args: string[]): Promise<number> | number {
  const url = URL.parse(args.at(-1) ?? '')
  if (url?.host === '127.0.0.1:3000') return fetchFromDoor(context, `${url.pathname}${url.search}`)
  context.err('Network is unreachable\n')
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

function pause({ clock, signal }: CommandContext, ms: number): Promise<void> {
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
