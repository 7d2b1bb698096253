import { agentUp, openDeck, podPid, type Deck } from './deck.ts'
import { durableEcho } from './floors.ts'
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
import { keysToFrames } from './keys.ts'
import { doorstep, load } from './load.ts'
import { cpuOver } from './processes.ts'
import { openScreen } from './screen.ts'

const ROWS = [
  'flooded deck: second agent p99',
  'flooded deck: key → frame',
  'flooded deck: list',
  'flooded deck: log lines followed',
] as const
const QUESTION = { type: 'exec', target: 'ls src', argv: ['ls', 'src'] }
/** Legal, understood by nobody, and costly to judge. */
const COSTLY = {
  type: 'exec',
  argv: ['foo', ...Array.from({ length: 400 }, () => 'a b')],
}
const AT_ONCE = 15
const RATE = 20
const LOG_LINE = 'a line that a pod writes as fast as it can, and nobody asked for'

/**
 * A deck with a hostile pod, which asks costly questions without a pause and floods its log, while
 * another agent asks, and an operator works: keys on a console, a list, a log that is followed.
 */
export const flooded: Group = {
  name: 'flooded',
  rows: ROWS,
  async run({ program, seconds, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    const stop = new AbortController()
    try {
      await deck.link.do('policy.add', { effect: 'allow', type: 'exec', target: 'ls*' })
      const [hostile, second] = [await agentUp(deck, 'hostile'), await agentUp(deck, 'second')]
      const step = await doorstep(deck, 'second', second.door)
      const asking = { address: second.door, question: QUESTION, flight: 4, rate: RATE }
      const screen = await openScreen([process.execPath, program], deck.env)
      await screen.shows((text) => text.includes('hostile') && text.includes('second'))
      screen.type('1')
      say('without a flood')
      const quiet = await load(step, { ...asking, seconds: 5 })
      const quietKeys = await keysToFrames(screen, /hostile|second/, 40, 2)
      say(`flooded for ${seconds} s`)
      const flood = load(await doorstep(deck, 'hostile', hostile.door), {
        address: hostile.door,
        question: COSTLY,
        flight: AT_ONCE,
        seconds: seconds + 6,
        insists: true,
      })
      // Whether it went well is seen at the end.
      flood.catch(() => undefined)
      floodLog(deck, 'hostile', hostile.door, stop.signal).catch(() => undefined)
      await wait(2000)
      const followed = followLog(deck, 'hostile', stop.signal)
      const ends = performance.now() + seconds * 1000
      const [{ p50, p99, worst, answered }, floor, keys, lists, cpu] = await Promise.all([
        load(step, { ...asking, seconds }),
        durableEcho(deck.home.root, RATE, seconds),
        pressUntil(ends, () => keysToFrames(screen, /hostile|second/, 20, 2)),
        pressUntil(ends, async () => [await timeOf(() => deck.link.do('agent.list'))]),
        cpuOver(deck.pid, seconds * 1000),
      ])
      const { answered: judged, refused } = await flood
      stop.abort()
      await screen.close()
      return [
        row({
          what: ROWS[0],
          value: p99,
          unit: 'ms',
          floor: { what: 'durable echo meanwhile', value: floor },
          target: { atMost: 50 },
          note: `without a flood ${amount(quiet.p99)} ms; p50 ${amount(p50)}, worst ${amount(worst)} ms of ${answered} in ${seconds} s; meanwhile ${judged} costly questions judged, ${refused} refused; supervisor ${amount(cpu)} % CPU`,
        }),
        row({
          what: ROWS[1],
          value: percentile(keys, 0.95),
          unit: 'ms',
          floor: { what: 'without a flood', value: percentile(quietKeys, 0.95) },
          target: { atMost: 33 },
          note: `p95; p50 ${amount(median(keys))}, worst ${amount(Math.max(...keys))} ms of ${keys.length}`,
        }),
        row({
          what: ROWS[2],
          value: percentile(lists, 0.99),
          unit: 'ms',
          target: { atMost: 50 },
          note: `p99; p50 ${amount(median(lists))}, worst ${amount(Math.max(...lists))} ms of ${lists.length}`,
        }),
        row({
          what: ROWS[3],
          value: followed.lines / (seconds + 4),
          unit: '/s',
          target: { atLeast: 1000 },
          note: `${followed.missed} gaps, each said; the log keeps its bounds`,
        }),
      ]
    } finally {
      stop.abort()
      await deck.dispose()
    }
  },
}

/** Has a pod write its own output as fast as it can, until aborted. */
async function floodLog(
  deck: Deck,
  agent: string,
  door: string,
  signal: AbortSignal,
): Promise<void> {
  const first = door.startsWith('unix:') ? await podPid(deck, agent) : 1
  const argv = ['sh', '-c', `exec yes '${LOG_LINE}' >/proc/${first}/fd/1`]
  for await (const chunk of deck.link.stream('agent.exec', { agent, argv }, signal)) void chunk
}

/** Follows a log until aborted, and counts its lines and what was missed. */
function followLog(
  deck: Deck,
  agent: string,
  signal: AbortSignal,
): { lines: number; missed: number } {
  const count = { lines: 0, missed: 0 }
  const follow = async (): Promise<void> => {
    const options = { agent, follow: true }
    for await (const line of deck.link.stream('agent.logs', options, signal)) {
      count.lines++
      if ((line as { text: string }).text.startsWith('clawdeck: ')) count.missed++
    }
  }
  follow().catch(() => undefined)
  return count
}

async function pressUntil(ends: number, measure: () => Promise<number[]>): Promise<number[]> {
  const all: number[] = []
  while (performance.now() < ends) {
    all.push(...(await measure()))
    await wait(50)
  }
  return all
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
