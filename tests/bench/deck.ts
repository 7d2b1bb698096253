import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deckHome, type Home } from '../../src/config/home.ts'
import { openLink } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Agent } from '../../src/domain/agents/types.ts'

const run = promisify(execFile)

/** A deck of its own, with a supervisor started as users start theirs. */
export interface Deck {
  home: Home
  env: NodeJS.ProcessEnv
  link: Link
  pid: number
  /** One command of the built program; its answer to `--json`. */
  cli<T>(...words: string[]): Promise<T>
  dispose(): Promise<void>
}

export async function openDeck(
  program: string,
  backend: 'local' | 'podman' = 'local',
  settings = '',
): Promise<Deck> {
  const root = mkdtempSync('/tmp/cdb-')
  writeFileSync(
    join(root, 'config.yaml'),
    `backend: ${backend}\napprovals: { expiryMinutes: 30 }\n${settings}`,
  )
  const own = { ...plainEnv(process.env), CLAWDECK_HOME: root }
  const home = deckHome(own)
  const cli = async <T>(...words: string[]): Promise<T> => {
    const { stdout } = await run(process.execPath, [program, ...words, '--json'], {
      env: own,
      maxBuffer: 1 << 26,
    })
    return JSON.parse(stdout) as T
  }
  const { pid } = await cli<{ pid: number }>('supervisor', 'start')
  const link = openLink(home.socket, 'cli')
  return {
    home,
    env: own,
    link,
    pid,
    cli,
    async dispose() {
      try {
        const up = ((await link.do('agent.list')) as Agent[]).filter(({ wish }) => wish === 'up')
        await Promise.all(
          up.map(({ name }) => link.do('agent.delete', { agent: name, force: true })),
        )
        await cli('supervisor', 'stop')
      } finally {
        rmSync(root, { recursive: true, force: true, maxRetries: 5 })
      }
    },
  }
}

/** What makes Node or the program behave otherwise than for a user at a terminal stays outside. */
export function plainEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, NODE_COMPILE_CACHE, NODE_ENV, CI, CLAWDECK_HOME, NO_COLOR, ...rest } = env
  void [NODE_OPTIONS, NODE_COMPILE_CACHE, NODE_ENV, CI, CLAWDECK_HOME, NO_COLOR]
  return { ...rest, TERM: 'xterm-256color' }
}

/** Creates and starts an agent of the coder template. */
export async function agentUp(deck: Deck, agent: string): Promise<Agent> {
  await deck.link.do('agent.create', { template: 'coder', agent })
  await deck.link.do('agent.start', { agent })
  return deck.link.do('agent.get', { agent }) as Promise<Agent>
}

export async function podPid(deck: Deck, agent: string): Promise<number> {
  const { pod } = (await deck.link.do('agent.inspect', { agent })) as {
    pod: { pid: number } | undefined
  }
  if (pod === undefined) throw new Error(`${agent} has no pod`)
  return pod.pid
}
