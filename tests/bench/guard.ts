import { agentUp, openDeck } from './deck.ts'
import { fsyncedAppend } from './floors.ts'
import { rounds, row, type Bench, type Group, type Row } from './harness.ts'
import { doorstep, load } from './load.ts'

const QUESTION = {
  type: 'exec',
  target: 'ls -la src',
  argv: ['ls', '-la', 'src'],
  cwd: '/workspace',
  reversible: true,
  goal: 'look around',
}
const ROWS = [
  'guard question, one at a time',
  'guard questions a second, 64 in flight',
  'guard answer p50 at 1,000/s',
  'guard answer p99 at 1,000/s',
] as const

/** Questions over a real agent's door that policy decides, each on disk before it is answered. */
export const guard: Group = {
  name: 'guard',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    try {
      await deck.link.do('policy.add', { effect: 'allow', type: 'exec', target: 'ls*' })
      const { door } = await agentUp(deck, 'a1')
      const step = await doorstep(deck, 'a1', door)
      const job = { address: door, question: QUESTION, flight: 1, seconds: 1.5 }
      const warm = await load(step, { ...job, flight: 16 })
      if (warm.decision !== 'allow')
        throw new Error(`the policy was to allow, but the answer is ${warm.decision}`)
      say('one question at a time')
      const one = await rounds(5, {
        floor: () => fsyncedAppend(deck.home.root),
        p50: async () => (await load(step, job)).p50,
      })
      say('64 in flight')
      const many = await rounds(5, {
        floor: () => 1000 / fsyncedAppend(deck.home.root, 100),
        rate: async () => (await load(step, { ...job, flight: 64, seconds: 2 })).perSecond,
      })
      say('1,000 a second')
      const steady = { ...job, flight: 64, rate: 1000, seconds: 4 }
      const p50s: number[] = []
      const at = await rounds(3, {
        p99: async () => {
          const { p50, p99 } = await load(step, steady)
          p50s.push(p50)
          return p99
        },
      })
      const floor = { what: 'fsynced append', value: one.floor }
      return [
        row({
          what: ROWS[0],
          value: one.p50,
          unit: 'ms',
          floor,
          target: { atMost: 1.5, of: 'ratio' },
          note: 'p50',
        }),
        row({
          what: ROWS[1],
          value: many.rate,
          unit: '/s',
          floor: { what: 'appends', value: many.floor },
          target: { atLeast: 5000 },
          note: 'the goal is 10,000',
        }),
        row({
          what: ROWS[2],
          value: p50s.toSorted((a, b) => a - b)[1] ?? Number.NaN,
          unit: 'ms',
          floor,
          target: { atMost: 10 },
        }),
        row({ what: ROWS[3], value: at.p99, unit: 'ms', floor, target: { atMost: 10 } }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}
