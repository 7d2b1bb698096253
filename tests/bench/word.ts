import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import { Relay } from './relay.ts'

const ROWS = ['act sent → webhook received', 'act sent → webhook received, others hang'] as const
const TIMES = 60
const HANGING = 10
/** Beyond a bare relay, which decides, signs and stores nothing. */
const MOST_TIMES = 5

interface Samples {
  samples: number[]
  floor: number[]
}

/** An operator does something, and a webhook hears of it: alone, and beside ones that never answer. */
export const word: Group = {
  name: 'word',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program, 'local', 'webhooks: { allowPrivate: [127.0.0.1] }\n')
    const arrivals = new Map<string, (at: number) => void>()
    const receiver = createServer((request, response) => {
      const at = performance.now()
      let text = ''
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      request.on('end', () => {
        if (request.url === '/hang') return
        const { event } = JSON.parse(text) as { event: { body: { id: string } } }
        arrivals.get(event.body.id)?.(at)
        response.end()
      })
    })
    try {
      await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
      const add = (id: string, path: string) =>
        deck.link.do('webhook.add', { id, url: `${url}/${path}`, events: ['operator.added'] })
      await using relay = await Relay.open()
      const measure = async (name: string): Promise<Samples> => {
        const [samples, floor]: [number[], number[]] = [[], []]
        for (let i = 0; i < TIMES; i++) {
          await wait(20)
          const id = `${name}${i}`
          const arrived = new Promise<number>((resolve) => arrivals.set(id, resolve))
          floor.push(await relay.send(id))
          const sent = performance.now()
          await deck.link.do('operator.add', { id, role: 'viewer' })
          samples.push((await arrived) - sent)
        }
        return { samples, floor }
      }
      await add('ops', 'take')
      say(`${TIMES} events to one webhook`)
      await measure('warm')
      const alone = await measure('alone')
      for (let i = 0; i < HANGING; i++) await add(`hang${i}`, 'hang')
      say(`${TIMES} events beside ${HANGING} webhooks that hang`)
      const beside = await measure('beside')
      return [alone, beside].map(({ samples, floor }, i) =>
        row({
          what: ROWS[i] as string,
          value: percentile(samples, 0.95),
          unit: 'ms',
          floor: { what: 'bare relay', value: percentile(floor, 0.95) },
          target: { atMost: 100, ratio: MOST_TIMES },
          note: `p95; p50 ${amount(median(samples))} ms, bare ${amount(median(floor))}`,
        }),
      )
    } finally {
      receiver.closeAllConnections()
      receiver.close()
      await deck.dispose()
    }
  },
}
