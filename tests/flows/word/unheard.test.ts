import { afterEach, expect, test } from 'vitest'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { colleague } from '../../support/colleague.ts'
import { ManualClock } from '../../support/clock.ts'
import { TestDeck } from '../../support/deck.ts'

const MINUTE = 60_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** As that of a machine, it does not wait for a later moment with what is due. */
class DueClock extends ManualClock {
  override after(ms: number, act: () => void): () => void {
    if (ms > 0) return super.after(ms, act)
    const due = setImmediate(act)
    return () => clearImmediate(due)
  }
}

function deckWith(settings: string): { deck: TestDeck; clock: ManualClock } {
  const clock = new DueClock()
  const deck = new TestDeck((act) => cleanups.push(act), clock).withAccess()
  return { deck: deck.withSettings(settings), clock }
}

test('a question that expired while the supervisor was down is told as unanswered, once', async () => {
  const { deck, clock } = deckWith('escalation: [{ after: 4, to: ["operator:maya"] }]')
  await deck.start()
  const { id } = await (await deck.agent('a1')).exec('git push origin main')
  await deck.crash()
  clock.advance(6 * MINUTE)
  await deck.start()
  const told = await deck.event(({ type }) => type === 'approval.unanswered')
  expect(told.body).toMatchObject({ id, to: ['operator:maya'] })
  await deck.crash()
  await deck.start()
  await deck.deck.operators.add('ada', { role: 'viewer', agents: null }, 'operator:cli')
  expect(deck.events().filter(({ type }) => type === 'approval.unanswered')).toHaveLength(1)
})

test('what expired before there was a chain is not told by it', async () => {
  const { deck, clock } = deckWith('')
  await deck.start()
  const a1 = await deck.agent('a1')
  const { id } = await a1.exec('git push origin main')
  clock.advance(6 * MINUTE)
  await deck.event(({ type }) => type === 'approval.expired')
  await deck.stop()
  deck.withSettings('escalation: [{ after: 1, to: ["operator:maya"] }]')
  await deck.start()
  await a1.exec('git push origin dev')
  clock.advance(MINUTE)
  await deck.event(({ type }) => type === 'alert.told')
  const said = deck.events().filter(({ type }) => type === 'approval.unanswered')
  expect(said.map(({ body }) => (body as { id: string }).id)).not.toContain(id)
})

test('a console that may not see the agent does not count as told', async () => {
  const { deck, clock } = deckWith(
    'escalation: [{ after: 1, to: [console, "operator:ada"] }, { after: 2, to: ["operator:maya"] }]',
  )
  await deck.start()
  const a1 = await deck.agent('a1')
  await deck.agent('b1')
  const { link } = await colleague(deck, 'ada', { agent: 'b1' })
  cleanups.push(() => link.close())
  await opened(link)
  await a1.exec('git push origin main')
  clock.advance(MINUTE)
  const first = await deck.event(({ type }) => type === 'alert.told')
  expect((first as DeckEvent<'alert.told'>).body).toMatchObject({
    told: [],
    failed: [
      { to: 'console', why: 'no console that sees a1 is open' },
      { to: 'operator:ada', why: 'no console of ada that sees a1 is open' },
    ],
  })
  const maya = openLink(deck.home.socket, 'console', () => undefined)
  cleanups.push(() => maya.close())
  await opened(maya)
  clock.advance(MINUTE)
  const second = await deck.event(
    ({ type, body }) => type === 'alert.told' && 'told' in body && body.told.length > 0,
  )
  expect(second.body).toMatchObject({ told: ['operator:maya'], failed: [] })
})

/** Resolves once a console follows the deck. */
async function opened(link: Link): Promise<void> {
  const gone = new AbortController()
  cleanups.push(() => gone.abort())
  const frames = link.world(gone.signal)[Symbol.asyncIterator]()
  await frames.next()
}
