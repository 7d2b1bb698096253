import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Agent } from '../../src/domain/agents/types.ts'
import { openDeck, plainEnv, type Deck } from './deck.ts'
import { missing, row, type Bench, type Group, type Row } from './harness.ts'

const ROWS = ['200 pods up, rootless Podman'] as const
const PODS = 200
const BARE = 20
const IMAGE = 'localhost/clawdeck-agent:latest'

const run = promisify(execFile)

/** From 200 stopped agents to 200 governed, running pods on a real rootless Podman, where there is one. */
export const pods: Group = {
  name: 'pods',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const reason = whyNot()
    if (reason !== undefined) return [missing(ROWS[0], reason)]
    const deck = await openDeck(program, 'podman')
    try {
      say('building the image')
      for await (const line of deck.link.stream('image.build', {}, new AbortController().signal))
        void line
      say('bare containers')
      const floor = ((await bareContainers()) * PODS) / BARE
      say(`creating ${PODS} agents`)
      const names = Array.from({ length: PODS }, (_, i) => `p${i}`)
      for (const agent of names) await deck.link.do('agent.create', { template: 'coder', agent })
      say(`starting ${PODS} agents`)
      const began = performance.now()
      await startAll(deck, names)
      const seconds = (performance.now() - began) / 1000
      const up = ((await deck.link.do('agent.list')) as Agent[]).filter(
        ({ phase }) => phase === 'up',
      ).length
      if (up !== PODS) throw new Error(`${up} of ${PODS} pods are up`)
      say('deleting them')
      return [
        row({
          what: ROWS[0],
          value: seconds,
          unit: 's',
          floor: { what: 'podman run', value: floor },
          target: { atMost: 12 },
          note: 'locks proven, guard doors open',
        }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}

/** Seconds for some containers by the engine alone, four at once. */
async function bareContainers(): Promise<number> {
  const env = plainEnv(process.env)
  const names = Array.from({ length: BARE }, (_, i) => `bare-${process.pid}-${i}`)
  const waiting = [...names]
  const began = performance.now()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
        await run('podman', ['run', '-d', '--network', 'none', '--name', name, IMAGE], {
          env,
          cwd: '/',
        })
    }),
  )
  const seconds = (performance.now() - began) / 1000
  await run('podman', ['rm', '-f', '-t', '0', ...names], { env, cwd: '/' })
  return seconds
}

async function startAll(deck: Deck, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((agent) => deck.link.do('agent.start', { agent })))
}

function whyNot(): string | undefined {
  const problem = podmanProblem()
  if (problem !== undefined) return problem
  return isRootless() ? undefined : 'the podman of this account is not rootless'
}

/** Why Podman cannot be used here; undefined if it can. */
export function podmanProblem(): string | undefined {
  const asked = podmanInfo()
  if (asked.error !== undefined) return 'podman is not installed'
  if (asked.status === 0) return undefined
  return `podman does not work here: ${asked.stderr.trim().split('\n').at(-1)}`
}

function isRootless(): boolean {
  return podmanInfo().stdout.trim() === 'true'
}

function podmanInfo() {
  return spawnSync('podman', ['info', '--format', '{{.Host.Security.Rootless}}'], {
    env: plainEnv(process.env),
    encoding: 'utf8',
    cwd: '/',
  })
}
