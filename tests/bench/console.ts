import { agentUp, openDeck, type Deck } from './deck.ts'
import {
  amount,
  median,
  percentile,
  row,
  wait,
  type Bench,
  type Group,
  type Row,
} from './harness.ts'
import { doorstep, load } from './load.ts'
import { keysToFrames } from './keys.ts'
import { cpuOver, mebibytes, usageOf } from './processes.ts'
import { openScreen, type Screen } from './screen.ts'

const ROWS = [
  'keypress → frame under load',
  'console under load: CPU',
  'console under load: resident',
  'one row changes',
] as const
const AGENTS = 500
const RATE = 1000
const KEYS = 120
const AGENT = /agent-\d+/
const LOAD = '500 agents, 1,000 events/s, 200×50'

/** A console on a large and busy deck: keys, CPU, memory; and what one changed row costs the terminal. */
export const console: Group = {
  name: 'console',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      say(`creating ${AGENTS} agents`)
      const { door } = await agentUp(deck, 'agent-000')
      await deck.link.do('policy.add', { effect: 'allow', type: 'exec', target: 'ls*' })
      await createAgents(deck)
      const screen = await openScreen([process.execPath, program], deck.env)
      await screen.shows((text) => text.includes('agent-000'))
      screen.type('1')
      await wait(1500)
      const bytes = await bytesOfOneRow(screen)
      say(`${RATE} events a second`)
      const seconds = 14
      const busy = load(await doorstep(deck, 'agent-000', door), {
        address: door,
        question: { type: 'exec', target: 'ls src' },
        flight: 64,
        rate: RATE,
        seconds,
      })
      await wait(2500)
      const [cpu, took] = await Promise.all([
        cpuOver(screen.pid, 9000),
        keysToFrames(screen, AGENT, KEYS),
      ])
      const { bytes: resident } = usageOf(screen.pid)
      const { perSecond } = await busy
      await screen.close()
      const note = `${LOAD}; ${amount(perSecond)}/s reached`
      return [
        row({
          what: ROWS[0],
          value: percentile(took, 0.95),
          unit: 'ms',
          target: { atMost: 33 },
          note: `p95; p50 ${amount(median(took))} ms`,
        }),
        row({ what: ROWS[1], value: cpu, unit: '%', target: { atMost: 35 }, note }),
        row({ what: ROWS[2], value: mebibytes(resident), unit: 'MiB', target: { atMost: 200 } }),
        row({
          what: ROWS[3],
          value: bytes,
          unit: 'bytes',
          target: { atMost: 300 },
          note: "the running agent's time and usage",
        }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}

async function createAgents(deck: Deck): Promise<void> {
  const names = Array.from(
    { length: AGENTS - 1 },
    (_, i) => `agent-${String(i + 1).padStart(3, '0')}`,
  )
  const lane = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift())
      await deck.link.do('agent.create', { template: 'coder', agent: name })
  }
  await Promise.all(Array.from({ length: 4 }, lane))
}

/** Bytes that reach the terminal when one row changes: that of the one running agent, whose time goes on. */
async function bytesOfOneRow(screen: Screen): Promise<number> {
  const changes: number[] = []
  for (let i = 0; i < 80; i++) {
    const before = screen.bytes()
    await wait(100)
    if (screen.bytes() > before) changes.push(screen.bytes() - before)
  }
  return median(changes)
}
