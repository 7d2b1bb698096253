import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Agent } from '../../src/domain/agents/types.ts'
import { openDeck, plainEnv, type Deck } from './deck.ts'
import { missing, row, type Bench, type Group, type Row } from './harness.ts'
import { podmanProblem } from './pods.ts'

const ROWS = ['freeze of 50 pods, Podman', 'thaw of 50 pods, Podman'] as const
const PODS = 50
const TIMES = 5

const run = promisify(execFile)

/** From the key to the last of 50 pods that does not run any more, and back. */
export const freeze: Group = {
  name: 'freeze',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const reason = podmanProblem()
    if (reason !== undefined) return ROWS.map((what) => missing(what, reason))
    const deck = await openDeck(program, 'podman')
    try {
      say('building the image')
      for await (const line of deck.link.stream('image.build', {}, new AbortController().signal))
        void line
      say(`starting ${PODS} agents`)
      const names = Array.from({ length: PODS }, (_, i) => `p${i}`)
      for (const agent of names) await deck.link.do('agent.create', { template: 'coder', agent })
      await Promise.all(names.map((agent) => deck.link.do('agent.start', { agent })))
      say('freezing and thawing')
      const [frozen, thawed] = await byTheDeck(deck)
      say('the engine alone')
      const floors = await engineAlone(deck)
      const engine = floors === undefined ? 'pods are paused by signals: rootless on cgroup v1' : ''
      return ROWS.map((what, i) => {
        const floor = floors?.[i]
        return row({
          what,
          value: (i === 0 ? frozen : thawed) ?? Number.NaN,
          unit: 's',
          ...(floor === undefined
            ? {}
            : { floor: { what: `podman ${i === 0 ? 'pause' : 'unpause'}`, value: floor } }),
          target: { atMost: 1 },
          note: engine,
        })
      })
    } finally {
      await deck.dispose()
    }
  },
}

/** Seconds of the median; every time all pods are seen to be as meant. */
async function byTheDeck({ link }: Deck): Promise<number[]> {
  const freezes: number[] = []
  const thaws: number[] = []
  for (let i = 0; i < TIMES; i++) {
    freezes.push(await timed(() => link.do('fleet.freeze')))
    await requireAll(link, ({ frozen }) => frozen?.held === true)
    thaws.push(await timed(() => link.do('fleet.thaw', { confirm: { count: String(PODS) } })))
    await requireAll(link, ({ frozen, thawing }) => frozen === undefined && thawing === undefined)
  }
  return [median(freezes), median(thaws)]
}

async function requireAll(link: Deck['link'], isMeant: (agent: Agent) => boolean): Promise<void> {
  const agents = ((await link.do('agent.list')) as Agent[]).filter(isMeant)
  if (agents.length !== PODS) throw new Error(`${agents.length} of ${PODS} pods are as meant`)
}

/**
 * The engine's own command for the same pods, all at once; undefined where it cannot. Without the
 * supervisor, which takes a pod that somebody else has paused for frozen.
 */
async function engineAlone({ link, cli }: Deck): Promise<[number, number] | undefined> {
  const env = plainEnv(process.env)
  const podman = (verb: string) => run('podman', [verb, ...ids], { env, cwd: '/' })
  const ids = ((await link.do('agent.list')) as Agent[]).map(({ podId }) => podId)
  const pauses: number[] = []
  const unpauses: number[] = []
  await cli('supervisor', 'stop')
  try {
    for (let i = 0; i < TIMES; i++) {
      pauses.push(await timed(() => podman('pause')))
      unpauses.push(await timed(() => podman('unpause')))
    }
    return [median(pauses), median(unpauses)]
  } catch {
    return undefined
  } finally {
    await cli('supervisor', 'start')
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
