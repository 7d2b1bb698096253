import { Fault } from '../../base/fault.ts'
import type { Face, CliHandlerName } from '../../commands/face.ts'
import { jsonLine } from '../../base/text.ts'
import type { Cli } from './cli.ts'
import { ensureSupervisor } from './ensure.ts'
import { isOnTerminal, write } from './terminal.ts'

/** The exit code of a shell that does not find a program. */
const NOT_FOUND_EXIT = 127

type Handler = (cli: Cli, input: Record<string, unknown>) => Promise<number>

const handlers: Record<CliHandlerName, Handler> = {
  console: (cli) => (isOnTerminal(cli.streams) ? openConsole(cli) : printStatus(cli)),
  demo: async (cli) => (await import('./demo.ts')).demo(cli),
  init: async (cli) => (await import('./init.ts')).init(cli),
  doctor: async (cli) => (await import('./doctor/doctor.ts')).doctor(cli),
  completions: async (cli, { shell }) =>
    print(cli, (await import('./completions.ts')).completions(shell as 'bash' | 'zsh' | 'fish')),
  reference: async (cli, { markdown }) => print(cli, await reference(cli, markdown === true)),
  'start-supervisor': startSupervisor,
  join: async (cli, { link, name }) =>
    (await import('./join.ts')).join(cli, { link: link as string, name: name as string }),
  'chat-bot': async (cli, { remove }) =>
    (await import('./chat-bot.ts')).setBot(cli, remove === true),
  freeze: async (cli, input) => (await import('./freeze.ts')).freeze(cli, input),
  thaw: async (cli, input) => (await import('./freeze.ts')).thaw(cli, input),
  'supervisor-logs': async (cli, { tail }) =>
    (await import('./logs.ts')).supervisorLogs(cli, tail as number),
  attach: (cli, { agent, new: fresh }) =>
    attach(cli, { agent: agent as string, fresh: fresh === true }),
  'openclaw-tui': (cli, { agent }) =>
    attach(cli, { agent: agent as string, argv: ['openclaw', 'tui'] }),
}

/** Runs a face in this process. `input` is what its schema returned. Returns the exit code. */
export function runLocally(face: Face, input: Record<string, unknown>, cli: Cli): Promise<number> {
  if (face.inCli === undefined)
    throw new Fault('usage', `${face.id} works only in the console`, {
      hint: 'To open the console: clawdeck',
    })
  return handlers[face.inCli](cli, input)
}

/** The console on the operator's deck. Starts the supervisor if need be. */
export async function openConsole(cli: Cli): Promise<number> {
  const { home } = cli
  const [link, choice] = await Promise.all([
    cli.link('console'),
    import('../../config/settings.ts').then(async ({ readSettings, consoleSettings }) =>
      consoleSettings(await readSettings(home.config)),
    ),
  ])
  await cli.program.openConsole(link, {
    home,
    env: cli.env,
    choice,
    demo: false,
    startSupervisor: async () => {
      await ensureSupervisor(home, cli.env, cli.program.launch)
    },
    openDemo: async () => {
      await handlers.demo(cli, {})
    },
  })
  return 0
}

/** The deck in plain text. Starts nothing; no deck is not an error. */
export async function printStatus(cli: Cli): Promise<number> {
  return print(cli, await (await import('./status.ts')).statusText(cli))
}

async function reference(cli: Cli, markdown: boolean): Promise<string> {
  const sections = (await import('./reference/content.ts')).referenceSections()
  if (cli.json) return jsonLine(sections)
  return markdown
    ? (await import('./reference/markdown.ts')).asMarkdown(sections)
    : (await import('./reference/plain.ts')).asText(sections, cli.paint)
}

async function startSupervisor(cli: Cli): Promise<number> {
  const how = await ensureSupervisor(cli.home, cli.env, cli.program.launch)
  const status = (await (await cli.existingLink()).do('supervisor.status')) as { pid: number }
  return print(
    cli,
    cli.json
      ? jsonLine({ started: how === 'started', pid: status.pid })
      : `The supervisor ${how === 'started' ? 'has started' : 'is already running'}: process ${status.pid}\n`,
  )
}

async function attach(
  cli: Cli,
  request: { agent: string; fresh?: boolean; argv?: string[] },
): Promise<number> {
  if (!isOnTerminal(cli.streams))
    throw new Fault('terminal.missing', 'attaching needs a terminal', {
      hint: `Without one, run: clawdeck exec ${request.agent} -- <command>`,
    })
  const code = await cli.program.attachWhole(await cli.link(), request)
  if (request.argv === undefined || code !== NOT_FOUND_EXIT) return code
  throw new Fault('not.possible', `the pod of ${request.agent} has no ${request.argv[0]}`, {
    hint: 'Build the agent image on a base image that has it, then restart the agent: clawdeck image build --base <image>',
  })
}

async function print(cli: Cli, text: string): Promise<number> {
  await write(cli.streams.stdout, text)
  return 0
}
