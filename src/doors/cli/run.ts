import { asFault, Fault } from '../../base/fault.ts'
import { parseInput } from '../../commands/input.ts'
import { faces } from '../../commands/registry.ts'
import { deckHome } from '../../config/home.ts'
import { openLink } from '../operator/client.ts'
import type { Link } from '../operator/link.ts'
import type { Cli, CliProgram } from './cli.ts'
import { cliCommands } from './cli-command.ts'
import { ensureSupervisor } from './ensure.ts'
import { drawFault, faultLine } from './faults.ts'
import { parse, type Parsed } from './parse.ts'
import { runAct } from './remote.ts'
import { isOnTerminal, painter, write, type Streams } from './terminal.ts'

/** What a run of the command line is given. */
interface CliEnvironment {
  env: NodeJS.ProcessEnv
  cwd: string
  streams: Streams
  program: CliProgram
}

/** Runs a command line and prints the answer, or a fault on stderr. Returns the exit code. */
export async function runCli(argv: readonly string[], given: CliEnvironment): Promise<number> {
  const { env, streams } = given
  const end = argv.indexOf('--')
  const json = argv.slice(0, end < 0 ? argv.length : end).includes('--json')
  try {
    streams.stdout.on('error', onOutputError)
    const cli = cliOf(given, json)
    return argv.length === 0
      ? await openWithoutCommand(cli)
      : await runParsed(await understand(argv), cli)
  } catch (thrown) {
    const fault = asFault(thrown)
    const text = json ? faultLine(fault) : drawFault(fault, painter(streams.stderr, env))
    await write(streams.stderr, text)
    return fault.exitCode
  }
}

function cliOf({ env, cwd, streams, program }: CliEnvironment, json: boolean): Cli {
  const home = deckHome(env)
  const remote = env['CLAWDECK_REMOTE']
  const existingLink = async (door: 'cli' | 'console' = 'cli'): Promise<Link> =>
    remote === undefined || remote === ''
      ? openLink(home.socket, door)
      : (await import('../access/remote.ts')).openRemote(home, remote, door)
  return {
    home,
    env,
    cwd,
    streams,
    json,
    program,
    existingLink,
    paint: painter(streams.stdout, env),
    async link(door) {
      if (remote === undefined || remote === '') await ensureSupervisor(home, env, program.launch)
      return existingLink(door)
    },
  }
}

async function understand(argv: readonly string[]): Promise<Parsed> {
  try {
    return parse(argv, cliCommands(faces))
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.hint !== undefined) throw thrown
    throw (await import('./guess.ts')).withGuess(thrown, argv)
  }
}

async function runParsed(parsed: Parsed, cli: Cli): Promise<number> {
  if (parsed.kind === 'version') {
    await write(cli.streams.stdout, `${cli.program.version}\n`)
    return 0
  }
  if (parsed.kind === 'help') {
    const { helpText } = await import('./help.ts')
    await write(cli.streams.stdout, helpText(parsed, cli.paint))
    return 0
  }
  const { face } = parsed.command
  const input = parseInput(face, parsed.input)
  if (face.act !== undefined) return runAct(cli, face, parsed.input)
  const { runLocally } = await import('./local.ts')
  return runLocally(face, input as Record<string, unknown>, cli)
}

/** `clawdeck` alone: the console on a terminal, else a plain status that starts nothing. */
async function openWithoutCommand(cli: Cli): Promise<number> {
  const { openConsole, printStatus } = await import('./local.ts')
  return isOnTerminal(cli.streams) ? openConsole(cli) : printStatus(cli)
}

function onOutputError(error: NodeJS.ErrnoException): void {
  // The reader has gone, as in `clawdeck logs … | head`, or the terminal was closed (EIO).
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(0)
  throw error
}
