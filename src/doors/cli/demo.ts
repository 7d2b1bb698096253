import { mkdtemp, rm } from 'node:fs/promises'
import { DEMO_HOME, deckHome } from '../../config/home.ts'
import { consoleSettings, parseSettings, readSettings } from '../../config/settings.ts'
import { openLink } from '../operator/client.ts'
import type { Link } from '../operator/link.ts'
import type { Cli } from './cli.ts'
import { ensureSupervisor } from './ensure.ts'
import { stopSupervisor } from './remote.ts'
import { statusText } from './status.ts'
import { isOnTerminal, write } from './terminal.ts'

/** A demo fleet in a deck home of its own, which is removed however the demo ends. */
export async function demo(cli: Cli): Promise<number> {
  const settings = await readSettings(cli.home.config).catch(() => parseSettings(''))
  const home = deckHome({ ...cli.env, CLAWDECK_HOME: await mkdtemp(DEMO_HOME) })
  const link = openLink(home.socket, 'console')
  let ending: Promise<void> | undefined
  const end = (): Promise<void> =>
    (ending ??= (async () => {
      await stopSupervisor(link).catch(() => undefined)
      await Promise.all(
        [home.root, home.run].map((path) => rm(path, { recursive: true, force: true })),
      )
    })())
  const killed = (signal: NodeJS.Signals): void => {
    void end().then(() => process.exit(signal === 'SIGHUP' ? 129 : 143))
  }
  process.once('SIGHUP', killed).once('SIGTERM', killed)
  try {
    await ensureSupervisor(home, cli.env, { ...cli.program.launch, demo: true })
    if (isOnTerminal(cli.streams))
      await cli.program.openConsole(link, {
        home: { ...home, themes: cli.home.themes },
        env: cli.env,
        choice: consoleSettings(settings),
        demo: true,
      })
    else {
      await firstQuestion(link)
      await write(
        cli.streams.stdout,
        `${cli.json ? '' : 'In a terminal, the demo opens the console on a fleet in memory, to try every key. The fleet:\n\n'}${await statusText({ ...cli, home, existingLink: async () => link })}`,
      )
    }
  } finally {
    await end()
    process.off('SIGHUP', killed).off('SIGTERM', killed)
  }
  return 0
}

/** Waits until the fleet is up and an agent asks, or 5 s, so that there is something to show. */
async function firstQuestion(link: Link): Promise<void> {
  const enough = new AbortController()
  const cancel = setTimeout(() => enough.abort(), 5000)
  try {
    for await (const frame of link.world(enough.signal)) {
      if (
        frame.kind === 'world'
          ? (frame.world.rows.approval ?? []).length > 0
          : frame.kind === 'delta' && frame.rows.some(({ noun }) => noun === 'approval')
      )
        return
    }
  } finally {
    clearTimeout(cancel)
    enough.abort()
  }
}
