import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DoorRow } from '../../src/domain/doors/types.ts'
import { openDeck } from './deck.ts'
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
import { mebibytes, usageOf } from './processes.ts'

const CLIENTS = 200
const EVENTS = 100
/** The first ones are for the compiler. */
const WARM = 20
const BARE = fileURLToPath(new URL('bare-sse.ts', import.meta.url))
const ROWS = ['200 stream clients: memory', '200 stream clients: an event reaches all'] as const

/** Many clients of the API's event stream, beside a bare relay to as many. */
export const apiStream: Group = {
  name: 'api-stream',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program, 'local', 'api: { requestsPerMinute: 0 }\n')
    const bare = spawn(process.execPath, [BARE], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const { address } = await deck.cli<DoorRow>('api', 'on', '--port', '0')
      const { secret } = await deck.cli<{ secret: string }>('keys', 'create', 'bench')
      const [line] = (await once(createInterface({ input: bare.stdout }), 'line')) as [string]
      const here = new Audience({ url: address?.url ?? '', key: secret, pid: deck.pid })
      const there = new Audience({ url: line, key: '', pid: bare.pid as number })
      say(`connecting ${CLIENTS} clients to each`)
      await Promise.all([here.connect(), there.connect()])
      say('telling them')
      for (let i = 0; i < EVENTS; i++) {
        await here.tell(i)
        await there.tell(i)
      }
      const rows = [
        row({
          what: ROWS[0],
          value: mebibytes(here.grown()),
          unit: 'MiB',
          floor: { what: 'bare relay', value: mebibytes(there.grown()) },
          target: { atMost: 60 },
          note: `more than before, after ${EVENTS} events`,
        }),
        row({
          what: ROWS[1],
          value: percentile(here.took.slice(WARM), 0.95),
          unit: 'ms',
          floor: { what: 'bare relay', value: percentile(there.took.slice(WARM), 0.95) },
          target: { atMost: 50 },
          note: `p95 from the post on, on disk; p50 ${amount(median(here.took.slice(WARM)))} beside ${amount(median(there.took.slice(WARM)))} ms`,
        }),
      ]
      here.close()
      there.close()
      return rows
    } finally {
      bare.kill()
      await deck.dispose()
    }
  },
}

interface Server {
  url: string
  key: string
  pid: number
}

/** Clients that listen to a server, and who tells it something. */
class Audience {
  /** Milliseconds until everybody had heard an event. */
  readonly took: number[] = []
  readonly #server: Server
  readonly #streams: IncomingMessage[] = []
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #before = 0
  #waiting = 0
  #allHeard: () => void = () => undefined

  constructor(server: Server) {
    this.#server = server
  }

  async connect(): Promise<void> {
    await this.#post('warm')
    await wait(500)
    this.#before = usageOf(this.#server.pid).bytes
    for (let i = 0; i < CLIENTS; i++) this.#streams.push(await this.#listen())
    for (const stream of this.#streams) stream.on('data', (chunk: string) => this.#hear(chunk))
  }

  /** Posts a goal; resolves when everybody has heard of it. */
  async tell(i: number): Promise<void> {
    this.#waiting = CLIENTS
    const heard = new Promise<void>((resolve) => {
      this.#allHeard = resolve
    })
    const began = performance.now()
    await Promise.all([heard, this.#post(`goal ${i}`)])
    this.took.push(performance.now() - began)
  }

  grown(): number {
    return usageOf(this.#server.pid).bytes - this.#before
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#agent.destroy()
  }

  #hear(chunk: string): void {
    if (chunk.includes('goal.created') && --this.#waiting === 0) this.#allHeard()
  }

  /** Resolves with a stream that has begun. */
  async #listen(): Promise<IncomingMessage> {
    const { url, key } = this.#server
    const sent = get(`${url}/api/stream`, { agent: false, headers: { 'x-api-key': key } })
    const [stream] = (await once(sent, 'response')) as [IncomingMessage]
    stream.setEncoding('utf8')
    await once(stream, 'data')
    return stream
  }

  async #post(title: string): Promise<void> {
    const { url, key } = this.#server
    const headers = { 'x-api-key': key, 'content-type': 'application/json' }
    const sent = request(`${url}/api/goals`, { agent: this.#agent, method: 'POST', headers })
    sent.end(JSON.stringify({ agent_id: 'scout', title, description: 'look around again' }))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    if (response.statusCode !== 201) throw new Error(`POST /goals: ${response.statusCode}`)
    await once(response.resume(), 'end')
  }
}
