import { asFault, Fault } from '../../base/fault.ts'
import { deckHome } from '../../config/home.ts'
import { checked } from '../../commands/checked.ts'
import { faces } from '../../commands/registry.ts'
import { openLink } from '../operator/client.ts'
import type { Beyond, Cli } from './cli.ts'
import { ensureSupervisor } from './ensure.ts'
import { drawFault, faultLine } from './faults.ts'
import { parse, type Parsed } from './parse.ts'
import { ask } from './remote.ts'
import { spellings } from './spelling.ts'
import { painter, write, type Streams } from './terminal.ts'

export interface Surroundings {
  env: NodeJS.ProcessEnv
  cwd: string
  streams: Streams
  beyond: Beyond
}

/** Understands a command line, does it, prints the answer. The answer is the exit code; every failure was told on stderr. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, streams } = surroundings
  try {
    streams.stdout.on('error', goneReader)
    const cli = cliOf(surroundings, argv.slice(0, dashes(argv)).includes('--json'))
    if (argv.length === 0) return await nothingSaid(cli)
    return await obey(await meant(argv), cli)
  } catch (thrown) {
    const fault = asFault(thrown)
    const json = argv.slice(0, dashes(argv)).includes('--json')
    await write(
      streams.stderr,
      json ? faultLine(fault) : drawFault(fault, painter(streams.stderr, env)),
    )
    return fault.exitCode
  }
}

function dashes(argv: readonly string[]): number {
  const at = argv.indexOf('--')
  return at < 0 ? argv.length : at
}

function cliOf({ env, cwd, streams, beyond }: Surroundings, json: boolean): Cli {
  const home = deckHome(env)
  const linkIfThere = (door: 'cli' | 'console' = 'cli'): ReturnType<typeof openLink> =>
    openLink(home.socket, door)
  return {
    home,
    env,
    cwd,
    streams,
    json,
    beyond,
    linkIfThere,
    paint: painter(streams.stdout, env),
    async link(door) {
      await ensureSupervisor(home, env, beyond.launch)
      return linkIfThere(door)
    },
  }
}

async function meant(argv: readonly string[]): Promise<Parsed> {
  try {
    return parse(argv, spellings(faces))
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.hint !== undefined) throw thrown
    throw (await import('./guess.ts')).withGuess(thrown, argv)
  }
}

async function obey(parsed: Parsed, cli: Cli): Promise<number> {
  if (parsed.kind === 'version') {
    await write(cli.streams.stdout, `${cli.beyond.version}\n`)
    return 0
  }
  if (parsed.kind === 'help') {
    const { help } = await import('./help.ts')
    await write(cli.streams.stdout, help(parsed, cli.paint))
    return 0
  }
  const { face } = parsed.spelling
  const input = checked(face, parsed.input)
  if (face.act !== undefined) return ask(cli, face, parsed.input)
  const { here } = await import('./here.ts')
  return here(face, input as Record<string, unknown>, cli)
}

/** `clawdeck` alone: the console on a terminal, else a plain status, which never fails and starts nothing. */
async function nothingSaid(cli: Cli): Promise<number> {
  const { openConsole, plainStatus } = await import('./here.ts')
  return cli.streams.stdin.isTTY === true && cli.streams.stdout.isTTY === true
    ? openConsole(cli)
    : plainStatus(cli)
}

function goneReader(error: NodeJS.ErrnoException): void {
  // `clawdeck logs … | head`, or a terminal that was closed (EIO): there is no one to tell.
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(0)
  throw error
}
