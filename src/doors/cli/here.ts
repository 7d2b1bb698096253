import { Fault } from '../../base/fault.ts'
import { jsonLine } from '../../base/text.ts'
import type { Cli } from './cli.ts'
import { ensureSupervisor } from './ensure.ts'
import { write } from './terminal.ts'

/** What a shell answers for a program that it does not find. */
const NO_SUCH_PROGRAM = 127

type Act = (cli: Cli, input: Record<string, unknown>) => Promise<number>

const acts: Record<string, Act> = {
  'deck.open': (cli) => (onTerminal(cli) ? openConsole(cli) : plainStatus(cli)),
  'deck.demo': async (cli) => (await import('./demo.ts')).demo(cli),
  'deck.init': async (cli) => (await import('./init.ts')).init(cli),
  'deck.doctor': async (cli) => (await import('./doctor/doctor.ts')).doctor(cli),
  'deck.completions': async (cli, { shell }) =>
    say(cli, (await import('./completions.ts')).completions(shell as 'bash' | 'zsh' | 'fish')),
  'deck.reference': async (cli) => say(cli, (await import('./reference.ts')).reference()),
  'supervisor.start': startSupervisor,
  'supervisor.logs': async (cli, { tail }) =>
    (await import('./logs.ts')).supervisorLogs(cli, tail as number),
  'agent.attach': (cli, { agent, new: fresh }) =>
    attach(cli, { agent: agent as string, fresh: fresh === true }),
  'agent.tui': (cli, { agent }) =>
    attach(cli, { agent: agent as string, argv: ['openclaw', 'tui'] }),
}

/** Does a row that runs in this process. `input` as its schema reads it; the answer is the exit code. */
export function here(id: string, input: Record<string, unknown>, cli: Cli): Promise<number> {
  const act = acts[id]
  if (act === undefined)
    throw new Fault('usage', `${id} works in the console only`, {
      hint: 'Open it with `clawdeck`.',
    })
  return act(cli, input)
}

/** Whether rows of the command line that run here all have someone to run them; for a test. */
export function canDoHere(id: string): boolean {
  return Object.hasOwn(acts, id)
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
      await acts['deck.demo']?.(cli, {})
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
