import { Agent, get } from 'node:http'
import type { DoorRow } from '../../src/domain/doors/types.ts'
import { agentAt, writeLedger } from './api-seed.ts'
import { openDeck, type Deck } from './deck.ts'
import {
  amount,
  eventually,
  median,
  percentile,
  row,
  type Bench,
  type Group,
  type Row,
} from './harness.ts'
import { cpuOver } from './processes.ts'

const ACTIONS = 1_000_000
const TIMES = 60
const DAY = 24 * 60 * 60_000
const MOST_MS = 10

const dayAt = (i: number): string =>
  new Date(Date.now() - ((i % 80) + 1) * DAY).toISOString().slice(0, 10)
const actionAt = (i: number): string =>
  `/actions/act_${((i * 31_013) % ACTIONS).toString(36).padStart(6, '0')}`
const oneOf = (of: readonly string[], i: number): string => of[i % of.length] as string
const statusAt = (i: number): string => oneOf(['failed', 'running', 'completed', 'cancelled'], i)
const typeAt = (i: number): string => oneOf(['research', 'deploy', 'message'], i)

/** What is asked for, each time of something else. */
const PAGES: Readonly<Record<string, (i: number) => string>> = {
  actions: () => '/actions',
  'actions of an agent': (i) => `/actions?agent_id=${agentAt(i)}`,
  'actions of a status': (i) => `/actions?status=${statusAt(i)}`,
  'actions of a type': (i) => `/actions?action_type=${typeAt(i)}`,
  'actions of an agent and status': (i) => `/actions?agent_id=${agentAt(i)}&status=${statusAt(i)}`,
  'actions of an agent and type': (i) => `/actions?agent_id=${agentAt(i)}&action_type=${typeAt(i)}`,
  'actions of a swarm': (i) => `/actions?swarm_id=swarm-${i % 4}`,
  'actions of risk 90 and more': () => '/actions?risk_min=90',
  'actions of a risk that none has': () => '/actions?risk_min=101',
  'actions after 10,000 others': (i) => `/actions?offset=${10_000 + i}`,
  'actions after 900,000 others': (i) => `/actions?offset=${900_000 + i}`,
  'actions of an agent after 10,000': (i) => `/actions?agent_id=${agentAt(i % 20)}&offset=10000`,
  'one action': actionAt,
  'trace of an action': (i) => `${actionAt(i)}/trace`,
  signals: () => '/signals',
  'signals of an agent': (i) => `/signals?agent_id=${agentAt(i)}`,
  digest: () => '/digest',
  'digest of a day': (i) => `/digest?date=${dayAt(i)}`,
  'digest of a day and agent': (i) => `/digest?date=${dayAt(i)}&agent_id=${agentAt(i)}`,
  tokens: (i) => `/tokens?agent_id=${agentAt(i)}`,
  'answers of the guard': (i) => `/guard?agent_id=${agentAt(i)}`,
  loops: (i) => `/actions/loops?status=${oneOf(['open', 'resolved'], i)}`,
  assumptions: () => '/actions/assumptions',
  goals: () => '/goals',
  learning: () => '/learning',
  activity: () => '/activity',
  'compliance evidence': () => '/compliance/evidence',
}

const rowName = (page: string): string => `1,000,000 actions: ${page}`

/** Pages of a ledger of a million actions, over HTTP. */
export const apiScale: Group = {
  name: 'api-scale',
  rows: Object.keys(PAGES).map(rowName),
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program, 'local', 'api: { requestsPerMinute: 0 }\n')
    try {
      await deck.cli('supervisor', 'stop')
      say(`writing ${amount(ACTIONS)} actions`)
      await writeLedger(deck.home.root, ACTIONS)
      say('starting with them')
      await startWith(deck)
      const { address } = await deck.cli<DoorRow>('api', 'on', '--port', '0')
      const { secret } = await deck.cli<{ secret: string }>('keys', 'create', 'bench')
      const client = new Client(address?.url ?? '', secret)
      const rows: Row[] = []
      for (const [page, path] of Object.entries(PAGES)) {
        say(page)
        rows.push(await timed(client, page, path))
      }
      client.close()
      return rows
    } finally {
      await deck.dispose()
    }
  },
}

const PATIENCE_MS = 10 * 60_000

/** Starts it, and waits until the copy of the journal and the search index have caught up. */
async function startWith(deck: Deck): Promise<void> {
  // It answers only once the copy has, which may take longer than a command waits.
  await deck.cli('supervisor', 'start').catch(() => undefined)
  const status = () => deck.cli<{ pid: number }>('supervisor', 'status').catch(() => undefined)
  const { pid } = await eventually('an answer of the supervisor', status, PATIENCE_MS)
  const idle = async () => ((await cpuOver(pid, 1000)) < 5 ? true : undefined)
  await eventually('the end of its work', idle, PATIENCE_MS)
}

/** A page and the smallest answer of the API, in turns. */
async function timed(client: Client, page: string, path: (i: number) => string): Promise<Row> {
  const took = { page: [] as number[], least: [] as number[] }
  for (let i = 0; i < TIMES; i++) {
    took.least.push(await client.get('/health'))
    took.page.push(await client.get(path(i)))
  }
  return row({
    what: rowName(page),
    value: percentile(took.page, 0.95),
    unit: 'ms',
    floor: { what: 'GET /api/health', value: percentile(took.least, 0.95) },
    target: { atMost: MOST_MS },
    note: `p95; p50 ${amount(median(took.page))} beside ${amount(median(took.least))} ms`,
  })
}

/** Asks for one page after another, over one connection. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.#url = url
    this.#key = key
  }

  /** Milliseconds until all of the answer was there. */
  async get(path: string): Promise<number> {
    const began = performance.now()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const headers = { 'x-api-key': this.#key }
    get(`${this.#url}/api${path}`, { agent: this.#agent, headers }, (response) => {
      response
        .resume()
        .on('end', () =>
          response.statusCode === 200
            ? resolve()
            : reject(new Error(`GET ${path} was answered ${response.statusCode}`)),
        )
        .on('error', reject)
    }).on('error', reject)
    await promise
    return performance.now() - began
  }

  close(): void {
    this.#agent.destroy()
  }
}
