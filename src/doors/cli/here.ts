import { Fault } from '../../base/fault.ts'
import type { Face, LocalDeed } from '../../commands/face.ts'
import { jsonLine } from '../../base/text.ts'
import type { Cli } from './cli.ts'
import { ensureSupervisor } from './ensure.ts'
import { write } from './terminal.ts'

/** What a shell answers for a program that it does not find. */
const NO_SUCH_PROGRAM = 127

type Doing = (cli: Cli, input: Record<string, unknown>) => Promise<number>

const deeds: Record<LocalDeed, Doing> = {
  console: (cli) => (onTerminal(cli) ? openConsole(cli) : plainStatus(cli)),
  demo: async (cli) => (await import('./demo.ts')).demo(cli),
  init: async (cli) => (await import('./init.ts')).init(cli),
  doctor: async (cli) => (await import('./doctor/doctor.ts')).doctor(cli),
  completions: async (cli, { shell }) =>
    say(cli, (await import('./completions.ts')).completions(shell as 'bash' | 'zsh' | 'fish')),
  reference: async (cli, { markdown }) => say(cli, await reference(cli, markdown === true)),
  'start-supervisor': startSupervisor,
  'supervisor-logs': async (cli, { tail }) =>
    (await import('./logs.ts')).supervisorLogs(cli, tail as number),
  attach: (cli, { agent, new: fresh }) =>
    attach(cli, { agent: agent as string, fresh: fresh === true }),
  'openclaw-tui': (cli, { agent }) =>
    attach(cli, { agent: agent as string, argv: ['openclaw', 'tui'] }),
}

/** Does what this process does by itself. `input` as its schema reads it; the answer is the exit code. */
export function here(face: Face, input: Record<string, unknown>, cli: Cli): Promise<number> {
  if (face.here === undefined)
    throw new Fault('usage', `${face.id} works in the console only`, {
      hint: 'Open it with `clawdeck`.',
    })
  return deeds[face.here](cli, input)
}

/** The console on the operator's deck, its supervisor started first if need be. */
export async function openConsole(cli: Cli): Promise<number> {
  const { home } = cli
  const [link, { console: choice }] = await Promise.all([
    cli.link('console'),
    import('../../config/settings.ts').then(({ readSettings }) => readSettings(home.config)),
  ])
  await cli.beyond.openConsole(link, {
    home,
    env: cli.env,
    choice,
    demo: false,
    startSupervisor: async () => {
      await ensureSupervisor(home, cli.env, cli.beyond.launch)
    },
    openDemo: async () => {
      await deeds.demo(cli, {})
    },
  })
  return 0
}

/** What there is, in plain text. Starts nothing, and is no error when there is nothing. */
export async function plainStatus(cli: Cli): Promise<number> {
  return say(cli, await (await import('./status.ts')).statusText(cli))
}

/** A person sits there: both ends are terminals. */
export function onTerminal({ streams }: Cli): boolean {
  return streams.stdin.isTTY === true && streams.stdout.isTTY === true
}

async function reference(cli: Cli, markdown: boolean): Promise<string> {
  const sections = (await import('./reference/content.ts')).referenceSections()
  if (cli.json) return jsonLine(sections)
  return markdown
    ? (await import('./reference/markdown.ts')).asMarkdown(sections)
    : (await import('./reference/plain.ts')).asText(sections, cli.paint)
}

async function startSupervisor(cli: Cli): Promise<number> {
  const how = await ensureSupervisor(cli.home, cli.env, cli.beyond.launch)
  const status = (await cli.linkIfThere().do('supervisor.status')) as { pid: number }
  return say(
    cli,
    cli.json
      ? jsonLine({ started: how === 'started', pid: status.pid })
      : `The supervisor ${how === 'started' ? 'has started' : 'is already there'}: process ${status.pid}\n`,
  )
}

async function attach(
  cli: Cli,
  wish: { agent: string; fresh?: boolean; argv?: string[] },
): Promise<number> {
  if (!onTerminal(cli))
    throw new Fault('terminal.missing', 'attaching needs a terminal', {
      hint: `Without one: clawdeck exec ${wish.agent} -- <command>`,
    })
  const code = await cli.beyond.attachWhole(await cli.link(), wish)
  if (wish.argv === undefined || code !== NO_SUCH_PROGRAM) return code
  throw new Fault('not.possible', `there is no ${wish.argv[0]} in the pod of ${wish.agent}`, {
    hint: 'Build the agent image on a base that has it: clawdeck image build --base <image>, then restart the agent.',
  })
}

async function say(cli: Cli, text: string): Promise<number> {
  await write(cli.streams.stdout, text)
  return 0
}
