import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WorldFrame } from '../../../src/commands/wire.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { colleague } from '../../support/colleague.ts'
import { TestDeck } from '../../support/deck.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let deck: TestDeck
let maya: Link
let question: string

beforeEach(async () => {
  deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  maya = used(openLink(deck.home.socket, 'console', () => undefined))
  await deck.agent('b1')
  const a1 = await deck.agent('a1')
  question = (await a1.exec('npm install left-pad')).id
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function used(link: Link): Link {
  cleanups.push(() => link.close())
  return link
}

/** Opens the question at a console, until what is returned is called. */
async function looking(link: Link): Promise<() => void> {
  const leave = new AbortController()
  const items = link.stream('approval.look', { id: question }, leave.signal)
  const seen = items[Symbol.asyncIterator]()
  expect((await seen.next()).value).toEqual({ looking: question })
  void seen.next().catch(() => undefined)
  cleanups.push(() => leave.abort())
  return () => leave.abort()
}

/** What a console is told of who has which question open. */
function follow(link: Link): (object | null)[] {
  const told: (object | null)[] = []
  const stop = new AbortController()
  const read = async () => {
    for await (const frame of link.world(stop.signal)) told.push(...rowsOf(frame))
  }
  cleanups.push(() => stop.abort())
  read().catch(() => undefined)
  return told
}

function rowsOf(frame: WorldFrame): (object | null)[] {
  if (frame.kind === 'world') return (frame.world.rows.looking ?? []).map(([, row]) => row)
  if (frame.kind !== 'delta') return []
  return frame.rows.filter(({ noun }) => noun === 'looking').map(({ row }) => row)
}

const row = (...operators: string[]) => ({ id: question, agent: 'a1', operators })

test('another console learns who looks, and that they left; nothing of it is journalled', async () => {
  const ada = used((await colleague(deck, 'ada')).link)
  const told = follow(maya)
  await until('maya follows', async () =>
    (await deck.deck.operators.list('active')).some(
      ({ id, here }) => id === 'maya' && here.length > 0,
    ),
  )
  const events = deck.events().length
  const leave = await looking(ada)
  await until('maya is told', () => told.length === 1)
  leave()
  await until('maya is told that ada left', () => told.length === 2)
  expect(told).toEqual([row('ada'), null])
  expect(deck.events()).toHaveLength(events)
})

test('whoever comes later is told too, and whoever loses their rights looks no more', async () => {
  const { link } = await colleague(deck, 'ada')
  await looking(used(link))
  const told = follow(maya)
  await until('maya is told', () => told.length === 1)
  await maya.do('operator.rm', { id: 'ada' })
  await until('maya is told that ada is gone', () => told.length === 2)
  expect(told).toEqual([row('ada'), null])
})

test('nobody learns of agents that they may not see, nor says that they look there', async () => {
  const tom = used((await colleague(deck, 'tom', { agent: 'b1' })).link)
  const [toldTom, toldMaya] = [follow(tom), follow(maya)]
  await looking(maya)
  await until('maya is told', () => toldMaya.length === 1)
  expect(toldTom).toEqual([])
  const stream = tom.stream('approval.look', { id: question }, new AbortController().signal)
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'refused' })
})

test('one operator can have so many open, and only what waits', async () => {
  for (let i = 0; i < 16; i++) await looking(maya)
  await expect(looking(maya)).rejects.toMatchObject({ code: 'not.possible' })
  await maya.do('approval.deny', { ids: [question] })
  const ada = used((await colleague(deck, 'ada')).link)
  await expect(looking(ada)).rejects.toMatchObject({ code: 'approval.unknown' })
})
