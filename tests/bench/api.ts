import { DeckClient } from '../../src/client/client.ts'
import type { DoorRow } from '../../src/domain/doors/types.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import { yesTo } from '../support/confirmed.ts'
import { agentUp, openDeck, type Deck } from './deck.ts'
import type { LoadAnswer } from './guard-load.ts'
import { rounds, row, wait, type Bench, type Group, type Row } from './harness.ts'
import { doorstep, load } from './load.ts'
import { mebibytes, usageOf } from './processes.ts'

const ROWS = [
  'POST /guard, one at a time, beside the guard door',
  'POST /guard a second, 64 in flight, beside the guard door',
  'POST /actions a second, 64 in flight, beside the guard door',
  'yes of an operator → the waiting client returns',
  'memory with the API on, idle',
] as const

const QUESTION = {
  type: 'exec',
  target: 'ls -la src',
  argv: ['ls', '-la', 'src'],
  cwd: '/workspace',
  goal: 'look around',
}
const ACTION = { agent_id: 'scout', action_type: 'research', declared_goal: 'look around' }
const WAITS = 40

type Burst = (size: { flight: number; seconds: number }) => Promise<LoadAnswer>

/** The governance API beside the guard door of the same deck, in turns. */
export const api: Group = {
  name: 'api',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program, 'local', 'api: { requestsPerMinute: 0 }\n')
    try {
      const { address } = await deck.cli<DoorRow>('api', 'on', '--port', '0')
      const { secret } = await deck.cli<{ secret: string }>('keys', 'create', 'bench')
      const url = address?.url ?? ''
      const { door, guard, actions } = await doorsOf(deck, url, secret)
      await guard({ flight: 16, seconds: 1 })
      await actions({ flight: 16, seconds: 1 })
      say('one question at a time')
      const alone = { flight: 1, seconds: 1.5 }
      const one = await rounds(5, {
        floor: async () => (await door(alone)).p50,
        p50: async () => (await guard(alone)).p50,
      })
      say('64 in flight')
      const many = { flight: 64, seconds: 2 }
      const rates = await rounds(5, {
        floor: async () => (await door(many)).perSecond,
        guard: async () => (await guard(many)).perSecond,
        actions: async () => (await actions(many)).perSecond,
      })
      say('an operator says yes')
      const waits = await waitTimes(deck, url, secret)
      const doorRate = { what: 'guard door', value: rates.floor }
      return [
        row({
          what: ROWS[0],
          value: one.p50,
          unit: 'ms',
          floor: { what: 'guard door', value: one.floor },
          target: { atMost: 1.3, of: 'ratio' },
          note: 'p50',
        }),
        row({
          what: ROWS[1],
          value: rates.guard,
          unit: '/s',
          floor: doorRate,
          target: { atLeast: 0.75, of: 'ratio' },
        }),
        row({
          what: ROWS[2],
          value: rates.actions,
          unit: '/s',
          floor: doorRate,
          target: { atLeast: 0.6, of: 'ratio' },
        }),
        row({
          what: ROWS[3],
          value: waits[Math.ceil(waits.length * 0.95) - 1] ?? Number.NaN,
          unit: 'ms',
          target: { atMost: 30 },
          note: `p95 of ${waits.length}; p50 ${middle(waits).toFixed(1)} ms`,
        }),
        row({
          what: ROWS[4],
          value: mebibytes(await idleBytes(program)),
          unit: 'MiB',
          target: { atMost: 15 },
          note: 'more than without',
        }),
      ]
    } finally {
      await deck.dispose()
    }
  },
}

/** Both doors, each asked by a process of its own. */
async function doorsOf(
  deck: Deck,
  url: string,
  key: string,
): Promise<Record<'door' | 'guard' | 'actions', Burst>> {
  await deck.link.do('policy.add', { effect: 'allow', type: 'exec', target: 'ls*' })
  const { door } = await agentUp(deck, 'a1')
  const step = await doorstep(deck, 'a1', door)
  const over =
    (path: string): Burst =>
    (size) =>
      load([], { address: url, path, headers: { 'x-api-key': key }, question: ACTION, ...size })
  return {
    door: (size) => load(step, { address: door, question: QUESTION, ...size }),
    guard: over('/api/guard'),
    actions: over('/api/actions'),
  }
}

/** From the operator's yes to the return of the client that waits, ascending. */
async function waitTimes(deck: Deck, baseUrl: string, apiKey: string): Promise<number[]> {
  const client = new DeckClient({ baseUrl, apiKey, agentId: 'scout' })
  const took: number[] = []
  for (let i = 0; i < WAITS; i++) {
    const held = await client.createAction({ action_type: 'deploy', declared_goal: `ship ${i}` })
    const waiting = client.waitForApproval(held.action_id)
    const [approval] = (await deck.link.do('approval.list', { state: 'pending' })) as Approval[]
    // The stream of the client is open by then.
    await wait(150)
    const began = performance.now()
    await deck.link.do('approval.allow', yesTo(approval as Approval))
    await waiting
    took.push(performance.now() - began)
  }
  return took.toSorted((a, b) => a - b)
}

/** How much more memory a supervisor takes with the API on, and nothing to do. */
async function idleBytes(program: string): Promise<number> {
  const deck = await openDeck(program)
  try {
    const before = usageOf(deck.pid).bytes
    await deck.cli('api', 'on', '--port', '0')
    await wait(2000)
    return usageOf(deck.pid).bytes - before
  } finally {
    await deck.dispose()
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
