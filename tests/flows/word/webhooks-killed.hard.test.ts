import { afterEach, expect, test } from 'vitest'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { tempFolder } from '../../support/journal.ts'
import { Receiver } from '../../support/receiver.ts'
import { SupervisorProcess } from '../../support/supervisor-process.ts'
import { until } from '../../support/until.ts'

const KILLS = 12
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test(`nothing that the journal acknowledged is lost to a webhook over ${KILLS} kills`, async () => {
  const receiver = await Receiver.open((act) => cleanups.push(act))
  // Of the deliveries, one in four fails at first, and one in nine is cut off after it was received.
  // Only at first: each further failure of one would double its wait, up to minutes.
  const seen = new Set<unknown>()
  receiver.behaviour = ({ headers, socket }, response) => {
    const isFirst = !seen.has(headers['clawdeck-delivery'])
    seen.add(headers['clawdeck-delivery'])
    if (isFirst && seen.size % 9 === 0) socket.destroy()
    else response.writeHead(isFirst && seen.size % 4 === 0 ? 503 : 200).end()
  }
  const supervisor = new SupervisorProcess(
    tempFolder((act) => cleanups.push(act)),
    'webhooks: { allowPrivate: [127.0.0.1] }\n',
  )
  cleanups.push(() => supervisor.end())
  await supervisor.start()
  const hook = { id: 'ops', url: receiver.url, events: ['operator.added'] }
  await supervisor.link.do('webhook.add', hook)
  const acknowledged: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const added = Array.from({ length: 60 }, async (_, i) => {
      const id = `p${kill}-${i}`
      await supervisor.link.do('operator.add', { id, role: 'viewer' })
      acknowledged.push(id)
    })
    // Awaited from the start: some are refused before the end of the process is noticed.
    const adding = Promise.allSettled(added)
    const enough = kill * 20 + 5
    await until('some are acknowledged', () => acknowledged.length >= enough)
    await supervisor.kill()
    await adding
    await supervisor.start()
  }
  receiver.behaviour = (_request, response) => void response.end()
  const idOf = ({ json }: Receiver['received'][number]) => String(json.event.body['id'])
  await until('all have arrived', () => {
    const came = new Set(receiver.received.map(idOf))
    return acknowledged.every((id) => came.has(id))
  })
  // Repetitions carry the same id, and nothing arrives that the journal does not hold.
  const deliveries = new Map(receiver.received.map((one) => [one.json.delivery, idOf(one)]))
  expect(new Set(deliveries.values()).size).toBe(deliveries.size)
  const events = (await supervisor.link.do('audit.search', {
    type: 'operator.added',
    limit: 10_000,
  })) as DeckEvent<'operator.added'>[]
  const journalled = new Set(events.map(({ body }) => body.id))
  expect([...deliveries.values()].filter((id) => !journalled.has(id))).toEqual([])
  expect(acknowledged.length).toBeGreaterThan(KILLS * 5)
})
